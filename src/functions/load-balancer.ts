import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { nft } from './call-tool.ts';
import type { FunctionProgram } from './function-program.ts';
import type { Endpoint } from './parameters.ts';
import { endpoint, listOf, port, readParameters, readUnitParameters, whole } from './parameters.ts';

/** Checks in a row that one who answered may be late at: it may only be busy. Who refuses is left out at once. */
const MOST_LATE = 1;

/**
 * Spreads TCP connections to its own address over the backends that accept connections, one after the other; the kernel carries them. A backend
 * that does not answer gets none until it does; where none answers, connections are refused at once.
 */
export const loadBalancer: FunctionProgram = async ({ parameters, interfaces }) => {
  const given = readUnitParameters(parameters, {
    port: port(80),
    backends: listOf(endpoint),
    'check-ms': whole(50, 60_000, 500),
  });
  // Connections are passed on by the kernel, though the unit is in no chain.
  for (const { device } of interfaces) writeFileSync(`/proc/sys/net/ipv4/conf/${device}/forwarding`, '1');
  let backends: readonly Endpoint[] = given.backends;
  let shown: string | undefined;
  const show = async (alive: readonly Endpoint[]) => {
    const text = tableText(given.port, alive);
    if (text === shown) return;
    await nft(text);
    shown = text;
  };
  let alive: readonly Endpoint[] = [];
  const lateAt = new Map<Endpoint, number>();
  const check = async () => {
    const asked = backends;
    const answers = await Promise.all(asked.map((each) => answerOf(each, given['check-ms'])));
    if (asked !== backends) return;
    alive = asked.filter((each, index) => {
      const late = answers[index] === 'late' ? (lateAt.get(each) ?? 0) + 1 : 0;
      lateAt.set(each, late);
      return answers[index] === 'accepts' || (late > 0 && late <= MOST_LATE && alive.includes(each));
    });
    await show(alive);
  };
  await check();
  let turn = Promise.resolve();
  const next = () => {
    turn = turn.then(check).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
    });
    return turn;
  };
  const timer = setInterval(() => void next(), given['check-ms']);
  return {
    stop: async () => clearInterval(timer),
    primitives: {
      'set-backends': async (asked) => {
        backends = readParameters(asked, { backends: listOf(endpoint) }).backends;
        lateAt.clear();
        await next();
        return `${alive.length} of ${backends.length} answer`;
      },
      'list-backends': async () =>
        backends
          .map(
            (each) => `${each.address}:${each.port} ${alive.includes(each) ? 'answers' : 'does not answer'}`,
          )
          .join('\n'),
    },
  };
};

function answerOf(
  { address, port: number }: Endpoint,
  withinMs: number,
): Promise<'accepts' | 'refuses' | 'late'> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: number, timeout: withinMs });
    const done = (answer: 'accepts' | 'refuses' | 'late') => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => done('accepts'));
    socket.on('timeout', () => done('late'));
    socket.on('error', () => done('refuses'));
  });
}

function tableText(number: number, backends: readonly Endpoint[]): string {
  const map = backends.map((each, index) => `${index} : ${each.address} . ${each.port}`).join(', ');
  const spread =
    backends.length === 0
      ? ''
      : `    fib daddr type local tcp dport ${number} dnat ip addr . port to numgen inc mod ${backends.length} map { ${map} }\n`;
  return `add table ip muster_balancer
delete table ip muster_balancer
table ip muster_balancer {
  chain incoming {
    type nat hook prerouting priority dstnat;
${spread}  }
  chain outgoing {
    type nat hook postrouting priority srcnat;
    ct status dnat masquerade
  }
  chain refuse {
    type filter hook input priority filter;
    tcp dport ${number} reject with tcp reset
  }
}
`;
}
