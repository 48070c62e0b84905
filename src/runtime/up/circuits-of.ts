import type { Circuit } from '../../adapters/infrastructure-linux/circuits.ts';
import type { Substrate } from '../../protocol/substrate.ts';

interface Joined {
  readonly ends: readonly [string, string];
  readonly bytesPerSec: number;
  readonly latencyMs: number;
}

/**
 * What sites can send to one another. Those that are joined directly: the sum of the links between their hosts and switches, as late as
 * the quickest of them. Others: as late as the quickest way over sites between; what it carries is not held back.
 */
export function circuitsOf(substrate: Substrate): readonly Circuit[] {
  const direct = joinedSites(substrate);
  return [...direct, ...fartherApart(direct)];
}

function joinedSites({ hosts, links }: Substrate): readonly Joined[] {
  const hostSites = new Map<string, string>(hosts.map(({ name, site }) => [name, site]));
  const siteOf = new Map(hostSites);
  // A switch stands where the hosts behind it are.
  for (const { ends } of links) {
    const site = ends.map((end) => hostSites.get(end)).find((each) => each !== undefined);
    for (const end of ends) if (site !== undefined && !siteOf.has(end)) siteOf.set(end, site);
  }
  const between = new Map<string, Joined>();
  for (const { ends, bytesPerSec, latencyMs } of links) {
    const [one, other] = ends.map((end) => siteOf.get(end) ?? '').toSorted();
    if (one === undefined || other === undefined || one === '' || one === other) continue;
    const known = between.get(`${one} ${other}`);
    between.set(`${one} ${other}`, {
      ends: [one, other],
      bytesPerSec: (known?.bytesPerSec ?? 0) + bytesPerSec,
      latencyMs: Math.min(known?.latencyMs ?? latencyMs, latencyMs),
    });
  }
  return [...between.values()];
}

/** Pairs that others join, where that takes time. */
function fartherApart(direct: readonly Joined[]): readonly Circuit[] {
  const neighbours = new Map<string, Map<string, number>>();
  for (const { ends, latencyMs } of direct) {
    for (const [from, to] of [ends, ends.toReversed()] as readonly (readonly [string, string])[]) {
      neighbours.set(from, (neighbours.get(from) ?? new Map()).set(to, latencyMs));
    }
  }
  return [...neighbours].flatMap(([from, near]) =>
    [...latenciesFrom(from, neighbours)].flatMap(([to, latencyMs]) =>
      from < to && !near.has(to) && latencyMs > 0 ? [{ ends: [from, to] as const, latencyMs }] : [],
    ),
  );
}

/** Dijkstra's: how late whatever is sent from there comes to each other site. */
function latenciesFrom(
  from: string,
  neighbours: ReadonlyMap<string, ReadonlyMap<string, number>>,
): ReadonlyMap<string, number> {
  const settled = new Map<string, number>();
  const open = new Map([[from, 0]]);
  while (open.size > 0) {
    const [site, latencyMs] = [...open].reduce((best, each) => (each[1] < best[1] ? each : best));
    open.delete(site);
    settled.set(site, latencyMs);
    for (const [next, moreMs] of neighbours.get(site) ?? []) {
      const thereMs = latencyMs + moreMs;
      if (!settled.has(next) && thereMs < (open.get(next) ?? Number.POSITIVE_INFINITY))
        open.set(next, thereMs);
    }
  }
  return settled;
}
