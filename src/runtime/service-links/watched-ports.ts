import type { Assignment } from '../../capabilities/percepts.ts';
import type { UnitPort } from '../../ports/virtual-link-plane.ts';
import type { LinkId } from '../../protocol/ids.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { serviceLink } from './link-names.ts';

/** A port that can be looked after by agents of its service. */
export interface WatchedPort extends UnitPort {
  readonly service: string;
  readonly site: string;
  readonly assignment: Assignment;
}

/** What a unit is sent over a virtual link of which the operator says nothing, before anybody asks why. */
const USUAL_BYTES_PER_SEC = 250_000;
const BLOCK_TTL_MS = 60_000;
/** As a scenario has them where it says nothing: 250, 300 and 150 kB/s. */
const LINK_LIMIT = 1.2;
const TARGET_LIMIT = 0.6;

/** The ports of all units that run. */
export function watchedPorts(services: readonly ServiceInstance[]): readonly WatchedPort[] {
  const ports = new Map<LinkId, WatchedPort>();
  for (const { name: service, wanted, shape } of services) {
    for (const { id, vnf, vdu, index, site, state, recipe } of shape.units) {
      if (state !== 'running' || site === null) continue;
      for (const each of recipe.interfaces) {
        const virtualLink = decodeURIComponent(each.link);
        const link = serviceLink(service, virtualLink, `${vnf}/${vdu}/${index}`);
        const stated = wanted.traffic?.[decodeURIComponent(each.link.split('/').at(-1) ?? '')];
        const assignment = assignmentOf(stated?.bytesPerSec);
        if (!ports.has(link))
          ports.set(link, { link, unit: id, interface: each.name, service, site, assignment });
      }
    }
  }
  return [...ports.values()];
}

function assignmentOf(bytesPerSec = USUAL_BYTES_PER_SEC): Assignment {
  return {
    thresholdBytesPerSec: bytesPerSec,
    linkLimitBytesPerSec: LINK_LIMIT * bytesPerSec,
    targetLimitBytesPerSec: TARGET_LIMIT * bytesPerSec,
    blockTtlMs: BLOCK_TTL_MS,
  };
}
