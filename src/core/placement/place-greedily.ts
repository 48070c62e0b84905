import type { ServiceGraph } from '../../protocol/service-graph.ts';
import { bidForUnit } from './bid-for-unit.ts';
import type { Chain } from './chain.ts';
import { ChainSearch } from './chain-search.ts';
import type { SubstrateView } from './substrate-view.ts';
import type { Topology } from './topology.ts';
import { scarcityWeights, unitGraphOf } from './unit-graph.ts';

export interface GreedyOptions {
  /** See `SearchOptions`. */
  readonly starts?: number | undefined;
  readonly improvements: number;
  /** See `SearchOptions`. */
  readonly explain?: boolean;
}

/** What a search has come to: complete chains, cheapest first, and those that got stuck, longest first. */
export interface GreedyResult {
  readonly complete: readonly Chain[];
  readonly stuck: readonly Chain[];
}

/**
 * The same search and the same bids by one function that sees everything: what agents come to when no view is stale and no message is
 * lost. For comparison, and for asking what would be.
 */
export function placeGreedily(
  topology: Topology,
  view: SubstrateView,
  service: ServiceGraph,
  { starts, improvements, explain = false }: GreedyOptions,
): GreedyResult {
  const graph = unitGraphOf(service);
  const context = { topology, view, weights: scarcityWeights(graph), explain };
  const sites = topology.substrate.sites.map((site) => ({ site, hosts: topology.hostsOfSite(site) }));
  const search = new ChainSearch(topology, graph, { starts, improvements, explain, lot: () => 0 });
  while (search.tasks.length > 0) {
    const { tasks } = search;
    search.take(
      sites.map(({ site, hosts }) => {
        const offers = tasks.map((task) => bidForUnit(context, task, hosts));
        const bids = offers.flatMap((offer) => (offer.kind === 'bid' ? [offer.bid] : []));
        const refusals = offers.flatMap((offer) => (offer.kind === 'refusal' ? [offer.refusal] : []));
        return { site, answer: { bids, refusals } };
      }),
    );
  }
  return { complete: search.complete(), stuck: search.stuck() };
}
