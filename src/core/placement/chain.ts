import type { UnitBid, UnitRefusal, UnitTask } from '../../protocol/placement.ts';
import { bounded, type Placement } from '../../protocol/service-graph.ts';
import type { Topology } from './topology.ts';
import type { UnitGraph } from './unit-graph.ts';

/** What a site has answered for one unit of a chain; `invalid`: it cannot be as the site says. */
export type SiteAnswer =
  | { readonly site: string; readonly kind: 'bid'; readonly bid: UnitBid; readonly byteHops: number }
  | { readonly site: string; readonly kind: 'refusal'; readonly refusal: UnitRefusal }
  | { readonly site: string; readonly kind: 'invalid' | 'silent'; readonly reason: string };

/** Where a unit of a chain is to go. */
export interface Place {
  readonly unit: number;
  readonly host: number;
  readonly bid: UnitBid;
  /** All answers that the winning bid was chosen from, best first. */
  readonly answers: readonly SiteAnswer[];
}

export interface Route {
  /** Ids of links, from the first end of the service's link to the second. */
  readonly path: readonly string[];
  readonly bytesPerSec: number;
}

/** A way to place a service that grows unit by unit. Never changed: what grows it makes another. */
export interface Chain {
  /** The unit that was placed first, and the how-manieth best host it went to, from 0. */
  readonly first: number;
  readonly rank: number;
  readonly places: ReadonlyMap<number, Place>;
  /** By number of the service's link. */
  readonly routes: ReadonlyMap<number, Route>;
  /** Bandwidth times hops of all routes: bytes/s. */
  readonly byteHops: number;
  /** Sum of the winning bids. */
  readonly price: number;
  /** Which unit nobody hosts, and what was answered. */
  readonly stuck?: { readonly unit: number; readonly answers: readonly SiteAnswer[] };
}

export function emptyChain(first: number, rank: number): Chain {
  return { first, rank, places: new Map(), routes: new Map(), byteHops: 0, price: 0 };
}

/** The chain with one unit more, or with a unit that it has had somewhere else. */
export function withPlace(chain: Chain, graph: UnitGraph, place: Place): Chain {
  const places = new Map(chain.places);
  places.set(place.unit, place);
  const routes = new Map(chain.routes);
  const paths = new Map(place.bid.routes.map(({ link, path }) => [link, path]));
  for (const { link, other } of graph.ends[place.unit] ?? []) {
    const { id, ends, bytesPerSec } = graph.links[link] ?? { id: '', ends: ['', ''], bytesPerSec: 0 };
    const path = paths.get(id);
    if (!places.has(other) || path === undefined) continue;
    const forward = ends[0] === graph.units[place.unit]?.id;
    routes.set(link, { path: forward ? path : path.toReversed(), bytesPerSec });
  }
  let byteHops = 0;
  for (const route of routes.values()) byteHops += route.bytesPerSec * route.path.length;
  let price = 0;
  for (const { bid } of places.values()) price += bid.price;
  return { ...chain, places, routes, byteHops, price };
}

/**
 * The cfp's task for a unit of a chain: its neighbours, what the chain takes without it, where it may not go. `booked`: what of the
 * chain is in the books already and is not to be counted once more.
 */
export function taskFor(
  chain: Chain,
  { units, links, ends, bytesPerSec, graph }: UnitGraph,
  topology: Topology,
  unit: number,
  number: number,
  booked?: Chain,
): UnitTask {
  const wanted = units[unit];
  if (wanted === undefined) throw new RangeError(`no unit ${unit}`);
  const hostName = (place: Place) => topology.hosts[place.host]?.name ?? place.bid.host;
  const siteName = (place: Place) => topology.hosts[place.host]?.site;
  const own = new Set((ends[unit] ?? []).map(({ link }) => link));
  const takenLinks = new Map<string, number>();
  for (const [link, route] of chain.routes) {
    if (own.has(link) || route === booked?.routes.get(link)) continue;
    for (const id of route.path) takenLinks.set(id, (takenLinks.get(id) ?? 0) + route.bytesPerSec);
  }
  const others = [...chain.places.values()].filter((place) => place.unit !== unit);
  const room = { ...wanted.demand };
  let onlyHost: UnitTask['onlyHost'];
  let onlySite: UnitTask['onlySite'];
  const notHosts = new Set<Place['bid']['host']>();
  const notSites = new Set<NonNullable<UnitTask['onlySite']>>();
  for (const place of others) {
    const other = units[place.unit];
    const site = siteName(place);
    if (graph.spread) notHosts.add(hostName(place));
    if (other === undefined || site === undefined) continue;
    if (share(wanted.affinity, other.affinity, 'host')) onlyHost = hostName(place);
    if (share(wanted.affinity, other.affinity, 'site')) onlySite = site;
    if (share(wanted.antiAffinity, other.antiAffinity, 'host')) notHosts.add(hostName(place));
    if (share(wanted.antiAffinity, other.antiAffinity, 'site')) notSites.add(site);
  }
  units.forEach((other, index) => {
    if (index === unit || chain.places.has(index)) return;
    if (!share(wanted.affinity, other.affinity, 'host')) return;
    room.vcpus += other.demand.vcpus;
    room.memoryMib += other.demand.memoryMib;
    room.storageGb += other.demand.storageGb;
  });
  return {
    chain: number,
    unit: { id: wanted.id, demand: wanted.demand, sites: wanted.sites },
    room: {
      vcpus: bounded(room.vcpus),
      memoryMib: bounded(room.memoryMib),
      storageGb: bounded(room.storageGb),
    },
    bytesPerSec: bounded(bytesPerSec[unit] ?? 0),
    neighbours: (ends[unit] ?? []).flatMap(({ link, other }) => {
      const place = chain.places.get(other);
      const between = links[link];
      if (place === undefined || between === undefined) return [];
      const { id, bytesPerSec: rate, maxLatencyMs } = between;
      const bound = maxLatencyMs === undefined ? {} : { maxLatencyMs };
      return [{ link: id, host: hostName(place), bytesPerSec: rate, ...bound }];
    }),
    takenLinks: [...takenLinks].flatMap(([id, rate]) => {
      const link = topology.links[topology.linkOf(id) ?? -1];
      return link === undefined ? [] : [[link.id, rate] as [typeof link.id, number]];
    }),
    takenHosts: others.flatMap((place) => {
      if (place === booked?.places.get(place.unit)) return [];
      const { vcpus, memoryMib, storageGb } = units[place.unit]?.demand ?? wanted.demand;
      return [[hostName(place), vcpus, memoryMib, storageGb] as UnitTask['takenHosts'][number]];
    }),
    ...(onlyHost === undefined ? {} : { onlyHost }),
    ...(onlySite === undefined ? {} : { onlySite }),
    notHosts: [...notHosts],
    notSites: [...notSites],
  };
}

type Groups = UnitGraph['units'][number]['affinity'];

function share(one: Groups, other: Groups, scope: 'host' | 'site'): boolean {
  return one.some((a) => a.scope === scope && other.some((b) => b.scope === scope && b.group === a.group));
}

/** What differs between two chains of one service: units that have moved, and links that take another way. */
export function differences(
  before: Chain,
  after: Chain,
): { units: ReadonlySet<number>; links: ReadonlySet<number> } {
  const units = new Set<number>();
  const links = new Set<number>();
  for (const [unit, place] of after.places) if (place.host !== before.places.get(unit)?.host) units.add(unit);
  for (const [link, { path }] of after.routes) {
    if (path.join() !== before.routes.get(link)?.path.join()) links.add(link);
  }
  return { units, links };
}

/** A placement, or a part of one, as the chain that it was. Undefined: it is not of this substrate. */
export function chainOf(placement: Placement, graph: UnitGraph, topology: Topology): Chain | undefined {
  const hosts = new Map(placement.units.map(({ unit, host }) => [unit, host]));
  const paths = new Map(placement.links.map(({ link, path }) => [link, path]));
  const places = new Map<number, Place>();
  for (const [unit, { id }] of graph.units.entries()) {
    const name = hosts.get(id);
    if (name === undefined) continue;
    const host = topology.hostOf(name);
    if (host === undefined) return undefined;
    const bid = { chain: 0, host: name, price: 0, energy: 0, parts: [], routes: [] };
    places.set(unit, { unit, host, bid, answers: [] });
  }
  const routes = new Map<number, Route>();
  let byteHops = 0;
  for (const [link, { id, bytesPerSec }] of graph.links.entries()) {
    const path = paths.get(id);
    if (path === undefined) continue;
    routes.set(link, { path, bytesPerSec });
    byteHops += bytesPerSec * path.length;
  }
  return { first: 0, rank: 0, places, routes, byteHops, price: 0 };
}

/** A complete chain as a placement. */
export function placementOf(chain: Chain, { graph, units, links }: UnitGraph, topology: Topology): Placement {
  return {
    service: graph.service,
    units: units.flatMap((unit, index) => {
      const host = topology.hosts[chain.places.get(index)?.host ?? -1];
      return host === undefined ? [] : [{ unit: unit.id, host: host.name, site: host.site }];
    }),
    links: links.flatMap((link, index) => {
      const route = chain.routes.get(index);
      if (route === undefined) return [];
      const path = route.path.flatMap((id) => topology.links[topology.linkOf(id) ?? -1]?.id ?? []);
      return [{ link: link.id, path }];
    }),
  };
}
