import type { SiteDigest } from '../../protocol/placement.ts';
import type { Topology } from './topology.ts';

/**
 * Changes that the keeper of a book can count in one life: versions of the next one are higher than all of those, and say that the keeper
 * knows nothing of what it had been told.
 */
export const VERSIONS_OF_A_LIFE = 1_000_000_000;

/** What somebody believes to be free, by the numbers of hosts and links: right for what is his own, maybe stale for the rest. */
export interface SubstrateView {
  readonly vcpus: Float64Array;
  readonly memoryMib: Float64Array;
  readonly storageGb: Float64Array;
  readonly bytesPerSec: Float64Array;
  /** As long as `bytesPerSec`: for who works out a bid, so that not every bid makes a copy of its own. */
  readonly scratch: Float64Array;
  /** Version of the digest that each site's part is from. */
  readonly versions: Map<string, number>;
}

/** What one believes at first: everything is free. */
export function emptyView({ hosts, links }: Topology): SubstrateView {
  return {
    vcpus: Float64Array.from(hosts, (host) => host.vcpus),
    memoryMib: Float64Array.from(hosts, (host) => host.memoryMib),
    storageGb: Float64Array.from(hosts, (host) => host.storageGb),
    bytesPerSec: Float64Array.from(links, (link) => link.bytesPerSec),
    scratch: new Float64Array(links.length),
    versions: new Map(),
  };
}

/** Takes over what a site says of its own; what is older than what is known, or not that site's, changes nothing. */
export function takeDigest(view: SubstrateView, topology: Topology, digest: SiteDigest): boolean {
  const { site, version, hosts, links } = digest;
  if (version <= (view.versions.get(site) ?? -1)) return false;
  view.versions.set(site, version);
  for (const [name, vcpus, memoryMib, storageGb] of hosts) {
    const host = topology.hostOf(name);
    if (host === undefined || topology.hosts[host]?.site !== site) continue;
    view.vcpus[host] = vcpus;
    view.memoryMib[host] = memoryMib;
    view.storageGb[host] = storageGb;
  }
  for (const [id, bytesPerSec] of links) {
    const link = topology.linkOf(id);
    if (link === undefined || topology.links[link]?.owner !== site) continue;
    view.bytesPerSec[link] = bytesPerSec;
  }
  return true;
}
