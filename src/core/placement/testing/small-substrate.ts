import { nodeName } from '../../../protocol/ids.ts';
import type { ServiceGraph, Unit } from '../../../protocol/service-graph.ts';
import type { Substrate } from '../../../protocol/substrate.ts';

/** Four sites of one host each in a ring of links: s0-s1-s2-s3-s0. 10 vCPUs a host, 100 bytes/s and 1 ms a link, unless told otherwise. */
export function ring(
  more: { readonly vcpus?: readonly number[]; readonly bytesPerSec?: readonly number[] } = {},
): Substrate {
  const numbers = [0, 1, 2, 3];
  return {
    sites: numbers.map((site) => nodeName(`s${site}`)),
    hosts: numbers.map((site) => ({
      name: nodeName(`h${site}`),
      site: nodeName(`s${site}`),
      vcpus: more.vcpus?.[site] ?? 10,
      memoryMib: 1000,
      storageGb: 100,
      energyPrice: 0,
    })),
    links: numbers.map((site) => ({
      id: nodeName(`l${site}`),
      ends: [nodeName(`h${site}`), nodeName(`h${(site + 1) % 4}`)],
      owner: nodeName(`s${site}`),
      bytesPerSec: more.bytesPerSec?.[site] ?? 100,
      latencyMs: 1,
    })),
  };
}

export function unit(id: string, vcpus: number, more: Partial<Unit> = {}): Unit {
  const demand = { vcpus, memoryMib: 0, storageGb: 0 };
  return { id, member: id, vdu: 'vdu', demand, sites: [], affinity: [], antiAffinity: [], ...more };
}

/** Units in a chain, each joined to the next. */
export function chainOfUnits(
  service: string,
  units: readonly Unit[],
  bytesPerSec: number,
  spread = true,
): ServiceGraph {
  return {
    service,
    units: [...units],
    links: units.slice(1).map((each, index) => ({
      id: `${units[index]?.id}-${each.id}`,
      ends: [units[index]?.id ?? '', each.id],
      bytesPerSec,
    })),
    spread,
  };
}
