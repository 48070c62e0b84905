import { runIn } from '../plane-linux/run-tool.ts';
import { STEERING_TABLE } from './port-rules.ts';
import type { SiteScript } from './site-script.ts';

/** What one site can send to another, and how long it takes; pairs that are not named are neither held back nor delayed. */
export interface Circuit {
  readonly ends: readonly [string, string];
  /** Undefined: as much as there is. */
  readonly bytesPerSec?: number | undefined;
  /** One way, in each direction. */
  readonly latencyMs?: number;
}

const QUEUE_BYTES = 131_072;
/** What netem holds is counted in packets, of which these are the smallest. */
const SMALLEST_BYTES = 64;
/** Of packets on their way, whatever is asked for: each takes memory of the machine. */
const MOST_ON_THE_WAY = 1_000_000;
/** As good as no limit: what goes at once is not held up by how often a timer fires either. */
const UNLIMITED = { bits: 32_000_000_000, burst: '1m' };
/** Shorter ones are below what a kernel's clock tells apart. */
const LEAST_MS = 0.001;

/**
 * An htb class for each other site; the map says by the outer destination which class a packet belongs to. In it netem delays, and then
 * the queue waits for its turn. `delays`: see `canDelay`.
 */
export function shaping(
  site: string,
  circuits: readonly Circuit[],
  addresses: ReadonlyMap<string, string>,
  delays: boolean,
): Pick<SiteScript, 'tc' | 'nft'> {
  const own = circuits.flatMap(({ ends, bytesPerSec, latencyMs = 0 }) => {
    const peer = addresses.get(ends[0] === site ? ends[1] : ends[1] === site ? ends[0] : '');
    const delayMs = delays && latencyMs >= LEAST_MS ? latencyMs : 0;
    if (peer === undefined || (bytesPerSec === undefined && delayMs === 0)) return [];
    const held =
      bytesPerSec === undefined
        ? UNLIMITED
        : { bits: Math.max(8, Math.round(bytesPerSec * 8)), burst: '15k' };
    return [{ peer, ...held, delayMs }];
  });
  if (own.length === 0) return {};
  const classes = own.map((each, index) => ({ ...each, id: (index + 0x20).toString(16) }));
  return {
    tc: [
      'qdisc add dev wan0 root handle 1: htb r2q 1000',
      ...classes.flatMap(({ bits, burst, delayMs, id }, index) => [
        `class add dev wan0 parent 1: classid 1:${id} htb rate ${bits}bit burst ${burst} cburst ${burst} quantum 1514`,
        ...below(id, (index + 0x8000).toString(16), bits, delayMs),
      ]),
    ],
    nft: [
      `table netdev ${STEERING_TABLE} {`,
      `  map circuits { type ipv4_addr : classid; elements = { ${classes.map(({ peer, id }) => `${peer} : 1:${id}`).join(', ')} } }`,
      '  chain circuit {',
      '    type filter hook egress device "wan0" priority 0;',
      '    meta priority set ip daddr map @circuits',
      '  }',
      '}',
    ],
  };
}

/** What a class holds: packets on their way, where it delays, and those that wait behind them. */
function below(id: string, delayed: string, bits: number, delayMs: number): readonly string[] {
  const queue = `handle ${id}: bfifo limit ${QUEUE_BYTES}`;
  if (delayMs === 0) return [`qdisc add dev wan0 parent 1:${id} ${queue}`];
  const delayUs = Math.round(delayMs * 1000);
  return [
    `qdisc add dev wan0 parent 1:${id} handle ${delayed}: netem limit ${mostHeld(bits, delayMs)} delay ${delayUs}us`,
    `qdisc add dev wan0 parent ${delayed}:1 ${queue}`,
  ];
}

/** Packets that fit between the sites at full rate, and the queue: whatever their size, netem itself drops none of them. */
function mostHeld(bits: number, delayMs: number): number {
  const onTheWay = (bits / 8) * (delayMs / 1000);
  return Math.min(MOST_ON_THE_WAY, Math.ceil((onTheWay + QUEUE_BYTES) / SMALLEST_BYTES));
}

/** Whether this kernel delays packets, tried in a namespace whose loopback nobody uses. */
export async function canDelay(namespace: string): Promise<boolean> {
  try {
    await runIn(namespace, ['tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms']);
  } catch {
    return false;
  }
  await runIn(namespace, ['tc', 'qdisc', 'del', 'dev', 'lo', 'root']);
  return true;
}
