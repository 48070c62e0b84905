import type { Unit, UnitLink } from '../../protocol/service-graph.ts';
import type { Substrate } from '../../protocol/substrate.ts';

interface Booked {
  readonly units: readonly { readonly host: string | null; readonly unit: Pick<Unit, 'demand'> }[];
  readonly links: readonly {
    readonly path: readonly string[];
    readonly link: Pick<UnitLink, 'bytesPerSec'>;
  }[];
}

/** What is left of the sites beside what these services have. */
export function leftOver(substrate: Substrate, services: readonly { readonly shape: Booked }[]): Substrate {
  const onHost = new Map<string, Unit['demand']>();
  const onLink = new Map<string, number>();
  for (const { shape } of services) {
    for (const { host, unit } of shape.units) {
      if (host === null) continue;
      const { vcpus, memoryMib, storageGb } = unit.demand;
      const sum = onHost.get(host) ?? { vcpus: 0, memoryMib: 0, storageGb: 0 };
      sum.vcpus += vcpus;
      sum.memoryMib += memoryMib;
      sum.storageGb += storageGb;
      onHost.set(host, sum);
    }
    for (const { path, link } of shape.links)
      for (const id of path) onLink.set(id, (onLink.get(id) ?? 0) + link.bytesPerSec);
  }
  return {
    ...substrate,
    hosts: substrate.hosts.map((host) => {
      const there = onHost.get(host.name);
      const left = (of: 'vcpus' | 'memoryMib' | 'storageGb') => Math.max(0, host[of] - (there?.[of] ?? 0));
      return { ...host, vcpus: left('vcpus'), memoryMib: left('memoryMib'), storageGb: left('storageGb') };
    }),
    links: substrate.links.map((link) => ({
      ...link,
      bytesPerSec: Math.max(0, link.bytesPerSec - (onLink.get(link.id) ?? 0)),
    })),
  };
}
