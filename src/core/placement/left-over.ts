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
  const units = services.flatMap(({ shape }) => shape.units);
  const links = services.flatMap(({ shape }) => shape.links);
  return {
    ...substrate,
    hosts: substrate.hosts.map((host) => {
      const there = units.filter((each) => each.host === host.name).map(({ unit }) => unit.demand);
      const left = (of: 'vcpus' | 'memoryMib' | 'storageGb') =>
        Math.max(
          0,
          there.reduce((rest, demand) => rest - demand[of], host[of]),
        );
      return { ...host, vcpus: left('vcpus'), memoryMib: left('memoryMib'), storageGb: left('storageGb') };
    }),
    links: substrate.links.map((link) => {
      const over = links.filter(({ path }) => path.includes(link.id));
      const bytesPerSec = over.reduce((rest, each) => rest - each.link.bytesPerSec, link.bytesPerSec);
      return { ...link, bytesPerSec: Math.max(0, bytesPerSec) };
    }),
  };
}
