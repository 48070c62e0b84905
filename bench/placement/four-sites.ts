import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import type { Random } from '../../src/ports/random.ts';
import { nodeName } from '../../src/protocol/ids.ts';
import type { ServiceGraph } from '../../src/protocol/service-graph.ts';
import type { Substrate } from '../../src/protocol/substrate.ts';

export interface FourSites {
  readonly substrate: Substrate;
  /** In the order in which they are asked for; none ever leaves. */
  readonly services: readonly ServiceGraph[];
}

const SITES = 4;
const HOSTS = 3;

/**
 * 4 sites of 3 hosts behind a switch each, the switches joined in full, and 8 to 12 services of 2 to 4 functions that together ask, on
 * average, for all the vCPUs there are: how well they are packed decides how many have to be refused.
 */
export function fourSites(seed: number): FourSites {
  const random = createSeededRandom(seed).fork('four sites');
  const sites = Array.from({ length: SITES }, (_, site) => nodeName(`site${site}`));
  const hosts = sites.flatMap((site) =>
    Array.from({ length: HOSTS }, (_, host) => ({
      name: nodeName(`${site}-h${host}`),
      site,
      vcpus: between(random, 8, 12),
      memoryMib: 0,
      storageGb: 0,
      energyPrice: 0,
    })),
  );
  const uplinks = hosts.map(({ name, site }) => ({
    id: nodeName(`up-${name}`),
    ends: [name, nodeName(`${site}-switch`)] as Substrate['links'][number]['ends'],
    owner: site,
    bytesPerSec: between(random, 40, 60),
    latencyMs: 0,
  }));
  const between4 = sites.flatMap((one, index) =>
    sites.slice(index + 1).map((other) => ({
      id: nodeName(`${one}-${other}`),
      ends: [nodeName(`${one}-switch`), nodeName(`${other}-switch`)] as Substrate['links'][number]['ends'],
      owner: one,
      bytesPerSec: between(random, 10, 20),
      latencyMs: 0,
    })),
  );
  const services = Array.from({ length: between(random, 8, 12) }, (_, index) => service(random, `s${index}`));
  return { substrate: { sites, hosts, links: [...uplinks, ...between4] }, services };
}

function service(random: Random, name: string): ServiceGraph {
  const functions = between(random, 2, 4);
  const units = Array.from({ length: functions }, (_, index) => ({
    id: `f${index}`,
    member: `f${index}`,
    vdu: 'function',
    demand: { vcpus: between(random, 2, 6), memoryMib: 0, storageGb: 0 },
    sites: [],
    affinity: [],
    antiAffinity: [],
  }));
  // A chain, as services are.
  const links = units.slice(1).map((unit, index) => ({
    id: `f${index}-${unit.id}`,
    ends: [`f${index}`, unit.id] as [string, string],
    bytesPerSec: between(random, 2, 12),
  }));
  return { service: name, units, links, spread: false };
}

function between(random: Random, low: number, high: number): number {
  return low + random.below(high - low + 1);
}
