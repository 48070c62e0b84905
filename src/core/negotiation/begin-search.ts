import type { ScarcityWeights } from '../../protocol/placement.ts';
import type { SearchOptions } from '../placement/chain-search.ts';
import { ChainSearch } from '../placement/chain-search.ts';
import { scarcityWeights } from '../placement/unit-graph.ts';
import type { ChainContext, ChainSpec } from './chain-spec.ts';
import { tieBreak } from './tie-break.ts';

/** Where room is made, what is left over at a host counts more than hops. */
const FIT = 10;

/** The search of one attempt: for a new service, for the rest of one, or for better places of one that is placed. */
export function beginSearch(spec: ChainSpec, context: ChainContext): ChainSearch {
  const { conversationId, graph, terms, again, explain, avoidSites } = spec;
  const { topology } = context;
  const closed = avoidSites.flatMap(topology.linksOfSite).flatMap((link) => topology.links[link]?.id ?? []);
  const common = { explain, closed, lot: (site: string) => tieBreak(conversationId, site) };
  if (again === undefined || again.chain.places.size < graph.units.length) {
    const improvements = again === undefined ? terms.improvements : 0;
    return new ChainSearch(topology, graph, { starts: terms.starts, improvements, ...common }, again?.chain);
  }
  const moves = movesOf(spec, again, context);
  return new ChainSearch(topology, graph, { starts: 1, improvements: 1, moves, ...common }, again.chain);
}

/** What scarcity weighs in this bargaining. */
export function weightsOf({ graph, again }: ChainSpec): ScarcityWeights {
  const usual = scarcityWeights(graph);
  return again?.makeRoom === true ? { links: 0, host: 0, fit: FIT * usual.links } : usual;
}

function movesOf(
  { graph }: ChainSpec,
  { budget, makeRoom, saving, offer }: NonNullable<ChainSpec['again']>,
  { view }: ChainContext,
): NonNullable<SearchOptions['moves']> {
  const moves = { most: budget, saving, ...(offer === undefined ? {} : { movable: offer.movable }) };
  if (!makeRoom) return moves;
  const demand = (unit: number) => graph.units[unit]?.demand.vcpus ?? 0;
  return {
    ...moves,
    // The sum of the squares of what is free grows: the largest free piece does.
    makesRoom: (unit, from, to) =>
      demand(unit) > 0 && (view.vcpus[to] ?? 0) < (view.vcpus[from] ?? 0) + demand(unit),
  };
}
