import type { Topology } from '../../protocol/scenario.ts';

/** Hops from one node to every node that can be reached from it. */
function hopsFrom(
  neighbours: ReadonlyMap<string, ReadonlySet<string>>,
  start: string,
): ReadonlyMap<string, number> {
  const hops = new Map([[start, 0]]);
  for (const [node, far] of hops) {
    for (const next of neighbours.get(node) ?? []) if (!hops.has(next)) hops.set(next, far + 1);
  }
  return hops;
}

/**
 * Hosts behind a link `from>to`: those that are nearer to its far end than to its near end. For a link to a host that
 * is the host alone.
 */
export function hostsBehind(topology: Topology, link: string): ReadonlySet<string> {
  const [from = '', to = ''] = link.split('>');
  const neighbours = new Map<string, Set<string>>();
  const join = (a: string, b: string): void => {
    neighbours.set(a, (neighbours.get(a) ?? new Set()).add(b));
    neighbours.set(b, (neighbours.get(b) ?? new Set()).add(a));
  };
  for (const trunk of topology.trunks) join(trunk.from, trunk.to);
  for (const host of topology.hosts) join(host.switch, host.name);
  const near = hopsFrom(neighbours, from);
  const far = hopsFrom(neighbours, to);
  const behind = topology.hosts
    .map((host) => host.name)
    .filter(
      (name) => (far.get(name) ?? Number.POSITIVE_INFINITY) < (near.get(name) ?? Number.POSITIVE_INFINITY),
    );
  return new Set<string>(behind);
}
