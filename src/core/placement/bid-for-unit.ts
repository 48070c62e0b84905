import type { BidPart } from '../../protocol/journal.ts';
import type { Lack, ScarcityWeights, UnitBid, UnitRefusal, UnitTask } from '../../protocol/placement.ts';
import type { Host } from '../../protocol/substrate.ts';
import { findRoutes } from './find-routes.ts';
import { lackInWords } from './lacks-of.ts';
import type { SubstrateView } from './substrate-view.ts';
import type { Topology } from './topology.ts';

/** What a bidder goes by. */
export interface BidContext {
  readonly topology: Topology;
  readonly view: SubstrateView;
  readonly weights: ScarcityWeights;
  /** Whether bids have the parts of their price; absent: they do. Words for numbers cost more than the numbers. */
  readonly explain?: boolean;
}

export type UnitOffer =
  | { readonly kind: 'bid'; readonly bid: UnitBid }
  | { readonly kind: 'refusal'; readonly refusal: UnitRefusal };

/** Lacks that a refusal names at most. */
const MAX_LACKS = 4;

/**
 * The best of these hosts for the unit: lowest price, then cheapest energy, then the order in which they are given. The price adds up
 * - `hops`: bandwidth x hops to the neighbours that are placed, the first of the ten shortest paths that has room for it;
 * - `link scarcity`: what the unit's links will need beside what is free on the links at the host;
 * - `host scarcity`: what the unit needs beside what is free at the host, of the resource that is shortest.
 */
export function bidForUnit(context: BidContext, task: UnitTask, hosts: readonly number[]): UnitOffer {
  const { topology, view } = context;
  const free = view.scratch;
  free.set(view.bytesPerSec);
  for (const [id, bytesPerSec] of task.takenLinks) {
    const link = topology.linkOf(id);
    if (link !== undefined) free[link] = (free[link] ?? 0) - bytesPerSec;
  }
  let best: UnitBid | undefined;
  let whyNot = '';
  const lacks: Lack[] = [];
  for (const host of hosts) {
    const offer = bidWithHost(context, task, host, free);
    if (offer.kind === 'bid') {
      if (best === undefined || isBetter(offer.bid, best)) best = offer.bid;
      continue;
    }
    if (whyNot === '') whyNot = offer.refusal.reason;
    lacks.push(...offer.refusal.lacks.slice(0, MAX_LACKS - lacks.length));
  }
  if (best !== undefined) return { kind: 'bid', bid: best };
  return refusal(task, whyNot === '' ? 'no host here' : whyNot, lacks);
}

/** Prices that differ by less than rounding are equal. */
export function isBetter(one: UnitBid, other: UnitBid): boolean {
  const difference = one.price - other.price;
  if (Math.abs(difference) > 1e-9 * Math.max(1, one.price)) return difference < 0;
  return one.energy < other.energy;
}

function bidWithHost(context: BidContext, task: UnitTask, host: number, free: Float64Array): UnitOffer {
  const { topology, view, weights } = context;
  const there = topology.hosts[host];
  if (there === undefined) return refusal(task, 'no such host', []);
  const forbidden = whyNotThere(task, there);
  if (forbidden !== undefined) return refusal(task, forbidden, []);
  const room = {
    vcpus: view.vcpus[host] ?? 0,
    memoryMib: view.memoryMib[host] ?? 0,
    storageGb: view.storageGb[host] ?? 0,
  };
  for (const [name, vcpus, memoryMib, storageGb] of task.takenHosts) {
    if (name !== there.name) continue;
    room.vcpus -= vcpus;
    room.memoryMib -= memoryMib;
    room.storageGb -= storageGb;
  }
  const { demand } = task.unit;
  const short = RESOURCES.find((what) => task.room[what] > room[what]);
  if (short !== undefined) {
    const lack = { what: short, where: there.name, wanted: task.room[short], free: Math.max(0, room[short]) };
    return refusal(task, lackInWords(lack), [lack]);
  }
  const found = findRoutes(topology, free, host, task.neighbours);
  if (found.kind === 'lack') return refusal(task, lackInWords(found.lack), [found.lack]);
  const { routes, byteHops, hops } = found;
  let adjacent = 0;
  for (const link of topology.linksAt(host)) adjacent += Math.max(0, free[link] ?? 0);
  let shortest = 0;
  for (const what of RESOURCES) shortest = Math.max(shortest, share(demand[what], room[what]));
  const linkScarcity = weights.links * Math.min(MOST, share(task.bytesPerSec, adjacent));
  const hostScarcity = weights.host * shortest;
  const left = room.vcpus - demand.vcpus;
  const fit = weights.fit === undefined ? 0 : weights.fit * left;
  const price = byteHops + linkScarcity + hostScarcity + fit;
  const parts: BidPart[] = [];
  if (context.explain !== false) {
    parts.push(
      { name: 'hops', value: byteHops, detail: `${hops} hops to ${task.neighbours.length} neighbours` },
      {
        name: 'link scarcity',
        value: linkScarcity,
        detail: `needs ${task.bytesPerSec} of ${adjacent} bytes/s free at ${there.name}`,
      },
      { name: 'host scarcity', value: hostScarcity, detail: `${shortest.toFixed(3)} of what is free` },
    );
    if (weights.fit !== undefined) {
      parts.push({ name: 'left over', value: fit, detail: `${left} vCPU would be left at ${there.name}` });
    }
  }
  const energy = demand.vcpus * there.energyPrice;
  const { chain } = task;
  return {
    kind: 'bid',
    bid: { chain, host: there.name, price, energy, parts, routes },
  };
}

const RESOURCES = ['vcpus', 'memoryMib', 'storageGb'] as const;
/** More scarce than this need not be told apart. */
const MOST = 1e6;

/** What part of the free amount is needed, of an amount as small as nothing too. */
function share(needed: number, free: number): number {
  return needed === 0 ? 0 : needed / Math.max(free, needed / MOST, Number.MIN_VALUE);
}

function whyNotThere(
  { unit, onlyHost, onlySite, notHosts, notSites }: UnitTask,
  { name: host, site }: Host,
): string | undefined {
  if (unit.sites.length > 0 && !unit.sites.includes(site)) return `it is wanted at ${unit.sites.join(', ')}`;
  if (onlyHost !== undefined && onlyHost !== host) return `affinity keeps it on ${onlyHost}`;
  if (onlySite !== undefined && onlySite !== site) return `affinity keeps it at ${onlySite}`;
  if (notHosts.includes(host)) return `${host} has a unit that it must not be with`;
  if (notSites.includes(site)) return `${site} has a unit that it must not be with`;
  return undefined;
}

function refusal({ chain }: UnitTask, reason: string, lacks: readonly Lack[]): UnitOffer {
  return { kind: 'refusal', refusal: { chain, reason: reason.slice(0, 300), lacks: [...lacks] } };
}
