import type { Lack, UnitBid, UnitTask } from '../../protocol/placement.ts';
import type { Path, Topology } from './topology.ts';

/** Ways from a host to all neighbours of a unit, or what the first one lacks that cannot be reached. */
export type FoundRoutes =
  | {
      readonly kind: 'routes';
      readonly routes: UnitBid['routes'];
      /** Bandwidth times hops, summed over the neighbours: bytes/s. */
      readonly byteHops: number;
      readonly hops: number;
    }
  | { readonly kind: 'lack'; readonly lack: Lack };

/**
 * For each neighbour the shortest path with room for its bandwidth beside those of the neighbours before it, within its latency. `free`
 * is as before when this returns.
 */
export function findRoutes(
  topology: Topology,
  free: Float64Array,
  host: number,
  neighbours: UnitTask['neighbours'],
): FoundRoutes {
  const routes: UnitBid['routes'] = [];
  const taken: Path[] = [];
  const before: number[] = [];
  let byteHops = 0;
  let hops = 0;
  let lack: Lack | undefined;
  for (const neighbour of neighbours) {
    const other = topology.hostOf(neighbour.host);
    if (other === undefined) {
      lack = { what: 'path', where: neighbour.host, wanted: 1, free: 0 };
      break;
    }
    if (other === host) {
      routes.push({ link: neighbour.link, path: [] });
      continue;
    }
    const paths = topology.paths(host, other);
    const path = firstThatFits(paths, neighbour, free);
    if (path === undefined) {
      lack = whyNone(topology, paths, neighbour, host, free);
      break;
    }
    for (const link of path.links) {
      before.push(free[link] ?? 0);
      free[link] = (free[link] ?? 0) - neighbour.bytesPerSec;
    }
    taken.push(path);
    byteHops += neighbour.bytesPerSec * path.links.length;
    hops += path.links.length;
    routes.push({ link: neighbour.link, path: [...path.names] });
  }
  // Put back as it was, last first: adding again what was subtracted would not be exact.
  for (let at = taken.length - 1; at >= 0; at--) {
    const links = taken[at]?.links ?? [];
    for (let hop = links.length - 1; hop >= 0; hop--) free[links[hop] ?? -1] = before.pop() ?? 0;
  }
  return lack === undefined ? { kind: 'routes', routes, byteHops, hops } : { kind: 'lack', lack };
}

type Neighbour = UnitTask['neighbours'][number];

function firstThatFits(paths: readonly Path[], neighbour: Neighbour, free: Float64Array): Path | undefined {
  for (const path of paths) if (fits(path, neighbour, free)) return path;
  return undefined;
}

function fits(
  { links, latencyMs }: Path,
  { bytesPerSec, maxLatencyMs }: Neighbour,
  free: Float64Array,
): boolean {
  if (maxLatencyMs !== undefined && latencyMs > maxLatencyMs) return false;
  for (const link of links) if ((free[link] ?? 0) < bytesPerSec) return false;
  return true;
}

function whyNone(
  { hosts }: Topology,
  paths: readonly Path[],
  { host, bytesPerSec, maxLatencyMs }: Neighbour,
  from: number,
  free: Float64Array,
): Lack {
  const [first] = paths;
  if (first === undefined) return { what: 'path', where: host, wanted: 1, free: 0 };
  const inTime = paths.filter((path) => maxLatencyMs === undefined || path.latencyMs <= maxLatencyMs);
  if (inTime.length === 0) {
    const quickest = Math.min(...paths.map((path) => path.latencyMs));
    return { what: 'latencyMs', where: host, wanted: maxLatencyMs ?? 0, free: quickest };
  }
  const widest = Math.max(...inTime.map(({ links }) => Math.min(...links.map((link) => free[link] ?? 0))));
  const where = `${hosts[from]?.name ?? '?'} to ${host}`;
  return { what: 'bytesPerSec', where, wanted: bytesPerSec, free: Math.max(0, widest) };
}
