import type { Ipv4, LinkId, NodeName } from '../../protocol/ids.ts';
import { ipv4, linkId } from '../../protocol/ids.ts';
import type { Topology } from '../../protocol/scenario.ts';
import { namespaceName } from './namespaces.ts';
import { runIn, runTool } from './run-tool.ts';

/** Where a directed link leaves and arrives: namespaces and devices. */
export interface Wire {
  readonly link: LinkId;
  readonly fromNamespace: string;
  readonly fromDevice: string;
  readonly toNamespace: string;
  readonly toDevice: string;
}

/** A leaf of the network: a host, a place where users sit, or an attacker. */
export interface Leaf {
  readonly name: string;
  readonly switch: NodeName;
  readonly addresses: readonly Ipv4[];
}

export interface Built {
  readonly wires: ReadonlyMap<LinkId, Wire>;
  readonly namespaces: readonly string[];
}

/** All addresses are of one network without a way out. */
export const PREFIX_LENGTH = 16;

export function hostAddress(index: number): Ipv4 {
  return ipv4(`10.77.0.${index + 1}`);
}

export function poolAddress(index: number): Ipv4 {
  return ipv4(`10.77.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`);
}

/** Builds switches as bridges, and joins everything with veth pairs that exist in our namespaces alone. */
export async function buildTopology(topology: Topology, leaves: readonly Leaf[]): Promise<Built> {
  const nodes = [...topology.switches, ...leaves.map((leaf) => leaf.name)];
  const namespaces = nodes.map((node) => namespaceName(node));
  await runTool(['ip', '-batch', '-'], namespaces.map((name) => `netns add ${name}\n`).join(''));
  await Promise.all(
    namespaces.map((name) =>
      runIn(name, [
        'sysctl',
        '-qw',
        'net.ipv6.conf.all.disable_ipv6=1',
        'net.ipv6.conf.default.disable_ipv6=1',
      ]).catch(() => ''),
    ),
  );
  const wires = new Map<LinkId, Wire>();
  const scripts = new Map<string, string[]>(
    topology.switches.map((each) => [
      each,
      ['link set lo up', 'link add br0 type bridge stp_state 0 forward_delay 0', 'link set br0 up'],
    ]),
  );
  const later = new Map<string, string[]>();
  let count = 0;
  const join = (from: string, to: string, toDevice: string) => {
    const fromDevice = `p${++count}`;
    scripts
      .get(from)
      ?.push(`link add ${fromDevice} type veth peer name ${toDevice} netns ${namespaceName(to)}`);
    later.set(from, [...(later.get(from) ?? []), `link set ${fromDevice} master br0 up`]);
    const [a, b] = [namespaceName(from), namespaceName(to)];
    return { fromNamespace: a, fromDevice, toNamespace: b, toDevice };
  };
  for (const { from, to } of topology.trunks) {
    const device = `q${count + 1}`;
    const wire = join(from, to, device);
    later.set(to, [...(later.get(to) ?? []), `link set ${device} master br0 up`]);
    const link = linkId(from, to);
    wires.set(link, { link, ...wire });
  }
  for (const leaf of leaves) {
    const wire = join(leaf.switch, leaf.name, 'eth0');
    const link = linkId(leaf.switch, leaf.name);
    wires.set(link, { link, ...wire });
    const addresses = leaf.addresses.map((address) => `addr add ${address}/${PREFIX_LENGTH} dev eth0`);
    later.set(leaf.name, ['link set lo up', ...addresses, 'link set eth0 up']);
  }
  // One after the other: a pair is made in one namespace and reaches into another.
  for (const [node, lines] of scripts)
    await runTool(['ip', '-n', namespaceName(node), '-batch', '-'], `${lines.join('\n')}\n`);
  await Promise.all(
    [...later].map(([node, lines]) =>
      runTool(['ip', '-n', namespaceName(node), '-batch', '-'], `${lines.join('\n')}\n`),
    ),
  );
  return { wires, namespaces };
}
