import { nodeName } from '../../protocol/ids.ts';
import type { Substrate, SubstrateLink } from '../../protocol/substrate.ts';

/** How sites are joined: each with the next one, or each with every other. */
export const SITE_SHAPES = ['ring', 'mesh'] as const;
export type SiteShape = (typeof SITE_SHAPES)[number];

export const MOST_GENERATED_SITES = 40;
const HOSTS = 3;
const HOST = { vcpus: 8, memoryMib: 16_384, storageGb: 200 };
/** 10 Gbit/s within a site, 1 Gbit/s between sites. */
const UPLINK_BYTES_PER_SEC = 1_250_000_000;
const BETWEEN_BYTES_PER_SEC = 125_000_000;
const BETWEEN_MS = 5;
/** Of a vCPU for an hour at the first site; each site is a little dearer than the one before. */
const ENERGY = 0.02;

/** Sites `site1`, `site2`, ... of three hosts each behind a switch, the switches joined in a ring or a mesh. Same numbers, same sites. */
export function generatedSubstrate(count: number, shape: SiteShape): Substrate {
  const sites = Array.from({ length: count }, (_, index) => nodeName(`site${index + 1}`));
  const hosts = sites.flatMap((site, index) =>
    Array.from({ length: HOSTS }, (_, host) => ({
      ...HOST,
      name: nodeName(`${site}-h${host + 1}`),
      site,
      energyPrice: Math.round(1000 * ENERGY * (1 + index / 10)) / 1000,
    })),
  );
  const uplinks = hosts.map(
    ({ name, site }): SubstrateLink => ({
      id: nodeName(`${name}-up`),
      ends: [name, switchOf(site)],
      owner: site,
      bytesPerSec: UPLINK_BYTES_PER_SEC,
      latencyMs: 0,
    }),
  );
  const between = pairs(count, shape).flatMap(([one, other]): SubstrateLink[] => {
    const [from, to] = [sites[one], sites[other]];
    if (from === undefined || to === undefined) return [];
    return [
      {
        id: nodeName(`${from}-${to}`),
        ends: [switchOf(from), switchOf(to)],
        owner: from,
        bytesPerSec: BETWEEN_BYTES_PER_SEC,
        latencyMs: BETWEEN_MS,
      },
    ];
  });
  return { sites, hosts, links: [...uplinks, ...between] };
}

const switchOf = (site: string) => nodeName(`${site}-switch`);

function pairs(count: number, shape: SiteShape): readonly (readonly [number, number])[] {
  const all = Array.from({ length: count }, (_, one) =>
    Array.from({ length: count - one - 1 }, (_, more) => [one, one + more + 1] as const),
  ).flat();
  // Of three and fewer a ring is a mesh.
  return shape === 'mesh'
    ? all
    : all.filter(([one, other]) => other === one + 1 || other - one === count - 1);
}
