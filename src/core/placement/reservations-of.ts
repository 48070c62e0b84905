import type { Reservation } from '../../protocol/placement.ts';
import type { Chain } from './chain.ts';
import type { Topology } from './topology.ts';
import type { UnitGraph } from './unit-graph.ts';

/** What of a chain is to be booked: all of it, or only these units and links of the service. */
export interface Booked {
  readonly units: ReadonlySet<number>;
  readonly links: ReadonlySet<number>;
}

/** What each site has to keep for a chain, by site: its hosts for units, its links for what flows over them. */
export function reservationsOf(
  chain: Chain,
  graph: UnitGraph,
  topology: Topology,
  booked?: Booked,
): ReadonlyMap<string, Reservation> {
  const bySite = new Map<string, Reservation>();
  const of = (site: string): Reservation => {
    const known = bySite.get(site) ?? { hosts: [], links: [] };
    bySite.set(site, known);
    return known;
  };
  for (const { unit, host } of chain.places.values()) {
    const there = topology.hosts[host];
    const { id, demand } = graph.units[unit] ?? {};
    if (there === undefined || id === undefined || demand === undefined) continue;
    if (booked === undefined || booked.units.has(unit)) {
      of(there.site).hosts.push({ for: id, host: there.name, demand });
    }
  }
  for (const [number, { path, bytesPerSec }] of chain.routes) {
    const id = graph.links[number]?.id;
    if (id === undefined || (booked !== undefined && !booked.links.has(number))) continue;
    for (const name of path) {
      const link = topology.links[topology.linkOf(name) ?? -1];
      if (link !== undefined) of(link.owner).links.push({ for: id, link: link.id, bytesPerSec });
    }
  }
  return bySite;
}
