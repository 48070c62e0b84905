import type { UnitBid, UnitTask } from '../../protocol/placement.ts';
import type { Topology } from './topology.ts';

export type CheckedBid =
  | { readonly ok: true; readonly host: number; readonly byteHops: number }
  | { readonly ok: false; readonly reason: string };

/**
 * Whether a bid can be as its site says: a host of its own that the task allows, and to each neighbour a loopless way of known links
 * within its latency. Bandwidth times hops is counted here, not believed.
 */
export function checkBid(topology: Topology, task: UnitTask, bid: UnitBid, site: string): CheckedBid {
  const number = topology.hostOf(bid.host);
  const host = number === undefined ? undefined : topology.hosts[number];
  if (number === undefined || host === undefined || host.site !== site)
    return not(`${bid.host} is no host of ${site}`);
  const { onlyHost, onlySite, notHosts, notSites, unit } = task;
  const allowed =
    (onlyHost === undefined || onlyHost === host.name) &&
    (onlySite === undefined || onlySite === host.site) &&
    (unit.sites.length === 0 || unit.sites.includes(host.site)) &&
    !notHosts.includes(host.name) &&
    !notSites.includes(host.site);
  if (!allowed) return not(`${host.name} is not allowed`);
  let byteHops = 0;
  for (const neighbour of task.neighbours) {
    const path = pathFor(bid, neighbour.link);
    if (path === undefined) return not(`no way for ${neighbour.link}`);
    const latencyMs = walk(topology, host.name, path, neighbour.host);
    if (latencyMs === undefined)
      return not(`its way for ${neighbour.link} does not lead to ${neighbour.host}`);
    if (neighbour.maxLatencyMs !== undefined && latencyMs > neighbour.maxLatencyMs + 1e-9) {
      return not(`its way for ${neighbour.link} takes ${latencyMs} ms`);
    }
    byteHops += neighbour.bytesPerSec * path.length;
  }
  return { ok: true, host: number, byteHops };
}

/** The way for a link; of several the last counts, as it does when they are booked. */
function pathFor({ routes }: UnitBid, link: string): readonly string[] | undefined {
  return routes.findLast((each) => each.link === link)?.path;
}

/** Latency of a loopless path that leads from one node to the other; undefined: it is none. */
function walk(topology: Topology, from: string, path: readonly string[], to: string): number | undefined {
  let here = from;
  let latencyMs = 0;
  const visited = [from];
  for (const id of path) {
    const link = topology.links[topology.linkOf(id) ?? -1];
    if (link === undefined) return undefined;
    const [a, b] = link.ends;
    if (here !== a && here !== b) return undefined;
    here = here === a ? b : a;
    if (visited.includes(here)) return undefined;
    visited.push(here);
    latencyMs += link.latencyMs;
  }
  return here === to ? latencyMs : undefined;
}

function not(reason: string): CheckedBid {
  return { ok: false, reason };
}
