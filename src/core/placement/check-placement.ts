import type { Placement } from '../../protocol/service-graph.ts';
import { chainOf, taskFor } from './chain.ts';
import { checkBid } from './check-bid.ts';
import type { Topology } from './topology.ts';
import type { UnitGraph } from './unit-graph.ts';

/**
 * Why a placement cannot be what was asked for; undefined: every unit has a host that its service allows, and every link a way that
 * leads from one end to the other. `stays`: units that are where they were told to be, whatever is wished now. `leaving`: units that others
 * need not keep together with, or apart.
 */
export function whyNotPlaced(
  placement: Placement,
  graph: UnitGraph,
  topology: Topology,
  stays: ReadonlySet<string>,
  leaving: ReadonlySet<string>,
): string | undefined {
  if (placement.service !== graph.graph.service) return `it is of ${placement.service}`;
  const chain = chainOf(placement, graph, topology);
  if (chain === undefined || chain.places.size < graph.units.length)
    return 'it does not place every unit on a host that there is';
  for (const { unit, host, site } of placement.units) {
    if (topology.hosts[topology.hostOf(host) ?? -1]?.site !== site) return `${unit} is not at ${site}`;
  }
  const places = new Map([...chain.places].filter(([unit]) => !leaving.has(graph.units[unit]?.id ?? '')));
  for (const [unit, { host }] of chain.places) {
    const { id } = graph.units[unit] ?? { id: '' };
    const there = topology.hosts[host];
    if (there === undefined || stays.has(id)) continue;
    const task = taskFor({ ...chain, places }, graph, topology, unit, 0);
    const routes = (graph.ends[unit] ?? []).flatMap(({ link }) => {
      const between = graph.links[link];
      const path = placement.links.find((each) => each.link === between?.id)?.path ?? [];
      if (between === undefined) return [];
      return [{ link: between.id, path: between.ends[0] === id ? path : path.toReversed() }];
    });
    const bid = { chain: 0, host: there.name, price: 0, energy: 0, parts: [], routes };
    const checked = checkBid(topology, task, bid, there.site);
    if (!checked.ok) return `${id}: ${checked.reason}`;
  }
  return undefined;
}
