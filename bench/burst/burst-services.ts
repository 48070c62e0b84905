import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import { nodeName } from '../../src/protocol/ids.ts';
import type { ServiceFile } from '../../src/protocol/service-file.ts';
import type { Substrate } from '../../src/protocol/substrate.ts';
import { readGml } from '../placement/read-gml.ts';

/** What flows pass on their way to the server. */
const MIDDLE = [
  'firewall',
  'rate-limiter',
  'link-monitor',
  'anomaly-detector',
  'classifier',
  'forwarder',
] as const;
/** Functions of a service, both ends included. */
const MOST = 6;
const BYTES_PER_SEC = [125_000, 1_250_000] as const;

/** Services of two to six functions of the catalogue in a chain, each with a traffic of its own. */
export function burstServices(count: number, seed: number, prefix = 'burst'): readonly ServiceFile[] {
  const random = createSeededRandom(seed).fork('services');
  return Array.from({ length: count }, (_, index) => {
    const middle = Array.from({ length: 1 + random.below(MOST - 1) }, (_, at) => ({
      name: `f${at + 1}`,
      capability: MIDDLE[random.below(MIDDLE.length)] ?? 'forwarder',
    }));
    const functions = [...middle, { name: 'web', capability: 'web-server' }];
    const bytesPerSec = BYTES_PER_SEC[0] + random.below(BYTES_PER_SEC[1] - BYTES_PER_SEC[0]);
    return {
      name: `${prefix}-${index}`,
      functions,
      chain: { through: functions.map(({ name }) => name), match: [{ protocol: 6, destinationPort: 80 }] },
      traffic: { chain: { bytesPerSec } },
    };
  });
}

/**
 * The 40 sites of GEANT with one host each. `room`: all that is asked for fits; `tight`: hosts have so little that about half of it does.
 */
export function burstSubstrate(kind: 'room' | 'tight'): Substrate {
  const { nodes, edges } = readGml('Geant');
  return {
    sites: nodes.map(({ id }) => nodeName(`s${id}`)),
    hosts: nodes.map(({ id, cpu = 75 }) => ({
      name: nodeName(`h${id}`),
      site: nodeName(`s${id}`),
      vcpus: kind === 'room' ? cpu : 4 + (id % 12),
      memoryMib: 65_536,
      storageGb: 1000,
      energyPrice: 0,
    })),
    links: edges.map(({ source, target, bandwidth = 75 }) => ({
      id: nodeName(`l${source}-${target}`),
      ends: [nodeName(`h${source}`), nodeName(`h${target}`)],
      owner: nodeName(`s${Math.min(source, target)}`),
      // As GEANT's file has them, in units of 1 Mbit/s.
      bytesPerSec: bandwidth * 125_000,
      latencyMs: 1,
    })),
  };
}
