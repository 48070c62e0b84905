import { createHighsOptimum } from '../../src/adapters/optimum-highs/highs-optimum.ts';
import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import { CHAIN_TERMS, type ChainTerms } from '../../src/core/negotiation/chain-spec.ts';
import { placeGreedily } from '../../src/core/placement/place-greedily.ts';
import { emptyView } from '../../src/core/placement/substrate-view.ts';
import { topologyOf } from '../../src/core/placement/topology.ts';
import type { ServiceGraph } from '../../src/protocol/service-graph.ts';
import type { Substrate } from '../../src/protocol/substrate.ts';
import { createAgentNetwork } from './agent-network.ts';
import { createState, take } from './substrate-state.ts';
import { virneGraph, virneRequests, virneSubstrate } from './virne.ts';

export interface Instance {
  readonly substrate: Substrate;
  readonly graph: ServiceGraph;
}

/** Requests that load GEANT before the instance's own is put. */
const LOADED_WITH = 25;
type Tries = Pick<ChainTerms, 'starts' | 'improvements'>;
/** Time of the agents' clock in which every auction is over. */
const SETTLED_MS = 60_000;

/** The instance of that number: GEANT as it is under load, and a request of 2 to 5 functions. Everybody generates the same. */
export function gapInstance(number: number): Instance {
  const random = createSeededRandom(number).fork('gap');
  const empty = virneSubstrate('Geant', number);
  const state = createState(topologyOf(empty));
  for (const { graph } of virneRequests('Geant', number, random.below(LOADED_WITH))) {
    const [chain] = placeGreedily(state.topology, state.view, graph, { starts: 8, improvements: 0 }).complete;
    if (chain !== undefined) take(state, graph, chain, 1);
  }
  const substrate = {
    ...empty,
    hosts: empty.hosts.map((host, index) => ({ ...host, vcpus: state.view.vcpus[index] ?? 0 })),
    links: empty.links.map((link, index) => ({ ...link, bytesPerSec: state.view.bytesPerSec[index] ?? 0 })),
  };
  return { substrate, graph: virneGraph(random, `gap${number}`, 2 + (number % 4)) };
}

export interface Gap {
  readonly number: number;
  readonly functions: number;
  /** Bandwidth x hops by auction between agents, with no view stale and no message lost; undefined: not placed. */
  readonly auction: number | undefined;
  /** By the central search with the same bids. */
  readonly central: number | undefined;
  readonly optimum: number | undefined;
  /** What is proved: no placement costs less. */
  readonly bound: number | undefined;
  readonly kind: string;
  readonly seconds: number;
}

/** What an auction between the agents of all hosts' sites comes to. */
export function byAuction({ substrate, graph }: Instance, number: number, tries: Tries): number | undefined {
  const network = createAgentNetwork({
    substrate,
    random: createSeededRandom(number).fork('network'),
    terms: { ...CHAIN_TERMS, ...tries },
    orchestrators: 1,
  });
  let cost: number | undefined;
  network.apply(graph, (answer) => {
    if (answer.ok) cost = answer.placed.byteHops;
  });
  network.runUntil(network.nowMs() + SETTLED_MS);
  network.stop();
  return cost;
}

/** What one who sees everything comes to with the same bids. */
export function bySearch({ substrate, graph }: Instance, tries: Tries): number | undefined {
  const topology = topologyOf(substrate);
  return placeGreedily(topology, emptyView(topology), graph, tries).complete[0]?.byteHops;
}

/** One instance solved by auction, by the central search, and exactly, within the time. */
export async function measureGap(number: number, tries: Tries, timeLimitMs: number): Promise<Gap> {
  const instance = gapInstance(number);
  const { substrate, graph } = instance;
  const result = await createHighsOptimum().solve(
    { substrate, services: [graph], objective: 'cheapest' },
    { timeLimitMs },
  );
  return {
    number,
    functions: graph.units.length,
    auction: byAuction(instance, number, tries),
    central: bySearch(instance, tries),
    optimum: result.kind === 'optimal' ? result.value : undefined,
    bound: 'bound' in result ? result.bound : undefined,
    kind: result.kind,
    seconds: result.tookMs / 1000,
  };
}

/** How much more the auction, or the central search, costs than the optimum, per cent; undefined: one of them is not known, or costs nothing. */
export function gapOf(gap: Gap, arm: 'auction' | 'central' = 'auction'): number | undefined {
  const { [arm]: cost, optimum } = gap;
  if (cost === undefined || optimum === undefined || optimum < 1e-9) return undefined;
  return Math.max(0, 100 * (cost / optimum - 1));
}
