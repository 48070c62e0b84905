import { createHash } from 'node:crypto';
import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import type { Random } from '../../src/ports/random.ts';
import { nodeName } from '../../src/protocol/ids.ts';
import type { ServiceGraph } from '../../src/protocol/service-graph.ts';
import type { Substrate } from '../../src/protocol/substrate.ts';
import { readGml } from './read-gml.ts';

/** The settings of Virne's benchmark; times in its units. */
export const VIRNE = {
  requests: 1000,
  functions: [2, 10],
  linkProbability: 0.5,
  cpu: [0, 20],
  bandwidth: [0, 50],
  capacity: [50, 100],
  meanLifetime: 500,
  /** Arrivals a unit of time: as in its published table, by topology; Brain has GEANT's. */
  rate: { Geant: 0.016, Waxman100: 0.16, Brain: 0.016 },
} as const;

export type TopologyName = keyof typeof VIRNE.rate;
export const TOPOLOGIES = ['Geant', 'Waxman100', 'Brain'] as const satisfies readonly TopologyName[];

export interface Request {
  readonly arrival: number;
  readonly lifetime: number;
  readonly graph: ServiceGraph;
}

/** A topology as a substrate: every node is a site with one host; a link is kept by the site of its lower end. */
export function virneSubstrate(name: TopologyName, seed: number): Substrate {
  const random = createSeededRandom(seed).fork(`capacities of ${name}`);
  const { nodes, edges } = readGml(name);
  const capacity = () => between(random, VIRNE.capacity);
  return {
    sites: nodes.map(({ id }) => nodeName(`s${id}`)),
    hosts: nodes.map(({ id, cpu }) => ({
      name: nodeName(`h${id}`),
      site: nodeName(`s${id}`),
      vcpus: cpu ?? capacity(),
      memoryMib: 0,
      storageGb: 0,
      energyPrice: 0,
    })),
    links: edges.map(({ source, target, bandwidth }) => ({
      id: nodeName(`l${source}-${target}`),
      ends: [nodeName(`h${source}`), nodeName(`h${target}`)],
      owner: nodeName(`s${Math.min(source, target)}`),
      bytesPerSec: bandwidth ?? capacity(),
      latencyMs: 0,
    })),
  };
}

/** The requests of one seed, in the order of their arrival. */
export function virneRequests(
  name: TopologyName,
  seed: number,
  count: number = VIRNE.requests,
): readonly Request[] {
  const random = createSeededRandom(seed).fork(`requests at ${VIRNE.rate[name]}`);
  const requests: Request[] = [];
  let arrival = 0;
  for (let index = 0; index < count; index++) {
    arrival += random.exponential(1 / VIRNE.rate[name]);
    const graph = virneGraph(random, `r${index}`, between(random, VIRNE.functions));
    requests.push({ arrival, lifetime: random.exponential(VIRNE.meanLifetime), graph });
  }
  return requests;
}

/** A request's graph: random with that probability of a link, drawn anew until it is connected. */
export function virneGraph(random: Random, service: string, functions: number): ServiceGraph {
  const units = Array.from({ length: functions }, (_, index) => ({
    id: `f${index}`,
    member: `f${index}`,
    vdu: 'function',
    demand: { vcpus: between(random, VIRNE.cpu), memoryMib: 0, storageGb: 0 },
    sites: [],
    affinity: [],
    antiAffinity: [],
  }));
  let pairs: [number, number][] = [];
  do {
    pairs = [];
    for (let a = 0; a < functions; a++) {
      for (let b = a + 1; b < functions; b++) if (random.next() < VIRNE.linkProbability) pairs.push([a, b]);
    }
  } while (!isConnected(functions, pairs));
  const links = pairs.map(([a, b]) => ({
    id: `f${a}-f${b}`,
    ends: [`f${a}`, `f${b}`] as [string, string],
    bytesPerSec: between(random, VIRNE.bandwidth),
  }));
  return { service, units, links, spread: true };
}

/** What is published of a run's requests: anybody who generates the same has the same hash. */
export function hashOf(requests: readonly Request[]): string {
  return createHash('sha256').update(JSON.stringify(requests)).digest('hex').slice(0, 16);
}

/** Revenue of a request: what it asks for, vCPUs and bandwidth added up as Virne does. */
export function revenueOf({ units, links }: ServiceGraph): number {
  return vcpusOf({ units }) + links.reduce((sum, link) => sum + link.bytesPerSec, 0);
}

export function vcpusOf({ units }: Pick<ServiceGraph, 'units'>): number {
  return units.reduce((sum, unit) => sum + unit.demand.vcpus, 0);
}

function between(random: Random, [low, high]: readonly [number, number]): number {
  return low + random.below(high - low + 1);
}

function isConnected(size: number, pairs: readonly (readonly [number, number])[]): boolean {
  const reached = new Set([0]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [a, b] of pairs) {
      if (reached.has(a) === reached.has(b)) continue;
      reached.add(a).add(b);
      grown = true;
    }
  }
  return reached.size === size;
}
