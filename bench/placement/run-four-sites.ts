import { createHighsOptimum } from '../../src/adapters/optimum-highs/highs-optimum.ts';
import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import { CHAIN_TERMS } from '../../src/core/negotiation/chain-spec.ts';
import { topologyOf } from '../../src/core/placement/topology.ts';
import type { ServiceGraph } from '../../src/protocol/service-graph.ts';
import { createAgentNetwork } from './agent-network.ts';
import type { FourSites } from './four-sites.ts';
import { fourSites } from './four-sites.ts';
import { byHostOrder, HOST_ORDERS } from './host-order.ts';
import { hashOfInstance } from './instances.ts';
import type { Job, Outcome } from './job.ts';
import type { Placer } from './substrate-state.ts';
import { createState, take } from './substrate-state.ts';
import { revenueOf } from './virne.ts';

/** Units of a placed service that bargaining again may move. */
const MIGRATION_BUDGET = 1;
const TIME_LIMIT_MS = 60_000;

/**
 * Revenue of one instance by auction, by auction where placed services make room for one that was refused, by best fit, and at best in
 * hindsight. Nothing in the product asks placed services to make room: it moves one only to where it costs less.
 */
export async function runFourSites(job: Job): Promise<Outcome> {
  const instance = fourSites(job.seed);
  const { substrate, services } = instance;
  const revenue = services.map(revenueOf);
  const optimum = await createHighsOptimum().solve(
    { substrate, services, objective: 'most-revenue', revenue },
    { timeLimitMs: TIME_LIMIT_MS },
  );
  const proved = optimum.kind === 'optimal' && optimum.value !== undefined;
  return {
    job,
    requestsHash: hashOfInstance(instance),
    figures: {
      services: services.length,
      asked: revenue.reduce((sum, each) => sum + each, 0),
      auction: withAgents(job, instance, false),
      reAuction: withAgents(job, instance, true),
      bestFit: withOne(instance, HOST_ORDERS['best fit']),
      firstFit: withOne(instance, HOST_ORDERS['first fit']),
      ...(proved ? { optimum: optimum.value } : {}),
      ...('bound' in optimum ? { bound: optimum.bound } : {}),
      optimumSeconds: optimum.tookMs / 1000,
    },
  };
}

function withOne(
  { substrate, services }: FourSites,
  order: (typeof HOST_ORDERS)[string] | undefined,
): number {
  const state = createState(topologyOf(substrate));
  const place: Placer = byHostOrder(order ?? (() => 0), { mayShare: true });
  let revenue = 0;
  for (const graph of services) {
    const chain = place(state, graph);
    if (chain === undefined) continue;
    take(state, graph, chain, 1);
    revenue += revenueOf(graph);
  }
  return revenue;
}

function withAgents(job: Job, { substrate, services }: FourSites, again: boolean): number {
  const network = createAgentNetwork({
    substrate,
    random: createSeededRandom(job.seed).fork('network'),
    terms: { ...CHAIN_TERMS, starts: job.starts, improvements: job.improvements },
    orchestrators: 4,
  });
  const placed = new Set<string>();
  let revenue = 0;
  const settle = () => network.runUntil(network.nowMs() + 60_000);
  const tryOne = (graph: ServiceGraph): boolean => {
    network.apply(graph, (answer) => {
      if (!answer.ok) return;
      placed.add(graph.service);
      revenue += revenueOf(graph);
    });
    settle();
    return placed.has(graph.service);
  };
  for (const graph of services) {
    if (tryOne(graph) || !again) continue;
    // It pays when what is there makes room: bargained for again, each within its budget; then the refused one once more.
    for (const service of placed) {
      network.improve(service, { budget: MIGRATION_BUDGET, makeRoom: true }, () => {});
      settle();
      if (tryOne(graph)) break;
    }
  }
  return revenue;
}
