import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bridgeOf, instanceOf, siteNamespace } from '../../../src/adapters/infrastructure-linux/names.ts';
import { ownProgram, startIn, stopChild } from '../../../src/adapters/plane-linux/child.ts';
import { removeNamespaces } from '../../../src/adapters/plane-linux/namespaces.ts';
import { runIn, runTool } from '../../../src/adapters/plane-linux/run-tool.ts';

/** An attacker with an address of its own would reset every SYN-ACK, and nothing would stay half open. */
const DROP_OWN_RST =
  'add table inet stranger; add chain inet stranger out { type filter hook output priority 0; }; add rule inet stranger out tcp flags & rst == rst drop';

/** A unit that runs, as the infrastructure has it on file. */
interface UnitOnFile {
  readonly site: string;
  readonly link: string;
  readonly address: string;
}

/** People on a virtual link of a service who are no units of it, each in a namespace of its own that is gone in the end. */
export interface Strangers {
  /** Starts a namespace that is joined to the virtual link of a unit, at the unit's site, under these addresses. */
  join(name: string, unit: string, addresses: readonly string[]): Promise<void>;
  /** A SYN flood, bounded by its number of packets. */
  flood(name: string, target: string, port: number, ratePps: number, seconds: number): ChildProcess;
  /** Starts a program of test/packets/programs. */
  run(name: string, program: string, ...args: readonly string[]): ChildProcess;
  addressOf(unit: string): string;
  /** Ends what was started and takes the namespaces away. */
  leave(): Promise<void>;
}

/** `stateDir`: of the infrastructure. */
export function strangers(stateDir: string): Strangers {
  const namespaces = new Map<string, string>();
  const children: ChildProcess[] = [];
  const started = (child: ChildProcess): ChildProcess => {
    children.push(child);
    return child;
  };
  const namespaceOf = (name: string): string => {
    const found = namespaces.get(name);
    if (found === undefined) throw new Error(`${name} has not joined`);
    return found;
  };
  const onFile = (unit: string): UnitOnFile => {
    const dir = join(stateDir, 'units');
    for (const file of readdirSync(dir).filter((each) => each.endsWith('.json'))) {
      const { order, site, interfaces } = JSON.parse(readFileSync(join(dir, file), 'utf8'));
      if (order.id.endsWith(unit)) return { site, ...interfaces[0] };
    }
    throw new Error(`no unit ${unit} is on file`);
  };
  return {
    join: async (name, unit, addresses) => {
      const { site, link } = onFile(unit);
      const [own, there] = [`stranger-${process.pid}-${name}`, siteNamespace(instanceOf(stateDir), site)];
      const device = `x${process.pid % 100_000}${name}`.slice(0, 15);
      namespaces.set(name, own);
      await runTool(['ip', 'netns', 'add', own]);
      await runIn(own, ['sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1']);
      await runTool(
        ['ip', '-n', there, '-batch', '-'],
        `link add ${device} mtu 1450 type veth peer name eth0 mtu 1450 netns ${own}\nlink set ${device} master ${bridgeOf(link)} up\n`,
      );
      const lines = addresses.map((address) => `addr add ${address}/24 dev eth0\n`).join('');
      await runTool(['ip', '-n', own, '-batch', '-'], `${lines}link set lo up\nlink set eth0 up\n`);
    },
    flood: (name, target, port, ratePps, seconds) => {
      const count = String(Math.ceil(ratePps * seconds));
      const every = `u${Math.max(1, Math.round(1_000_000 / ratePps) - 125)}`;
      const options = ['-S', '-n', '-q', '-p', String(port), '-i', every, '-c', count, target];
      const namespace = namespaceOf(name);
      const command = [
        'sh',
        '-c',
        `nft '${DROP_OWN_RST}' && exec timeout ${seconds} hping3 ${options.join(' ')}`,
      ];
      return started(startIn(namespace, command, 'attackers'));
    },
    run: (name, program, ...args) =>
      started(
        spawn('ip', [
          'netns',
          'exec',
          namespaceOf(name),
          ...ownProgram(new URL(`../programs/${program}`, import.meta.url)),
          ...args,
        ]),
      ),
    addressOf: (unit) => onFile(unit).address,
    leave: async () => {
      await Promise.all(children.map(stopChild));
      await removeNamespaces([...namespaces.values()]);
    },
  };
}
