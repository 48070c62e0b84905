import type { ChainOutcome, ChainSpec } from '../../core/negotiation/chain-spec.ts';
import { differences, placementOf } from '../../core/placement/chain.ts';
import type { Topology } from '../../core/placement/topology.ts';
import type { UnitGraph } from '../../core/placement/unit-graph.ts';
import type { PlacedService } from '../../protocol/placed-service.ts';
import type { ServiceGraph } from '../../protocol/service-graph.ts';

/** What has been bargained for, and how long that took. */
export interface Bargained {
  readonly graph: UnitGraph;
  readonly topology: Topology;
  readonly spec: ChainSpec;
  /** The service as it was placed before. */
  readonly before: PlacedService | undefined;
  readonly rounds: number;
  readonly attempts: number;
}

/** The service as it is placed once it has been bargained for, and what of the bookings before is to be given back. */
export function placedBy(
  outcome: Extract<ChainOutcome, { kind: 'placed' }>,
  { graph, topology, spec: { again }, before, rounds, attempts }: Bargained,
): { readonly placed: PlacedService; readonly gone: readonly string[] } {
  const { chain, booking, owners } = outcome;
  const all = [...graph.graph.units, ...graph.graph.links].map(({ id }) => id);
  const fresh = again === undefined ? undefined : idsOf(graph, differences(again.chain, chain));
  const gone = before === undefined ? [] : [...(fresh ?? []), ...noLongerIn(graph.graph, before.graph)];
  const stay = (before?.bookings ?? []).map((each) => ({
    ...each,
    for: each.for.filter((id) => !gone.includes(id)),
  }));
  const made = owners.length === 0 ? [] : [{ booking, owners: [...owners], for: [...(fresh ?? all)] }];
  const placed = {
    graph: graph.graph,
    placement: placementOf(chain, graph, topology),
    bookings: [...stay.filter((each) => each.for.length > 0), ...made],
    byteHops: chain.byteHops,
    rounds,
    attempts,
  };
  return { placed, gone };
}

/** The service as it could be placed: what is booked is what was. */
export function offeredBy(
  { chain }: Extract<ChainOutcome, { kind: 'offered' }>,
  { graph, topology, before, rounds, attempts }: Bargained,
): PlacedService {
  return {
    graph: before?.graph ?? graph.graph,
    placement: placementOf(chain, graph, topology),
    bookings: before?.bookings ?? [],
    byteHops: chain.byteHops,
    rounds,
    attempts,
  };
}

function idsOf({ graph }: UnitGraph, { units, links }: ReturnType<typeof differences>): readonly string[] {
  return [
    ...[...units].flatMap((unit) => graph.units[unit]?.id ?? []),
    ...[...links].flatMap((link) => graph.links[link]?.id ?? []),
  ];
}

/** Units and links of what was placed that are no part of the service any more. */
function noLongerIn(now: ServiceGraph, before: ServiceGraph): readonly string[] {
  const there = new Set([...now.units, ...now.links].map(({ id }) => id));
  return [...before.units, ...before.links].flatMap(({ id }) => (there.has(id) ? [] : [id]));
}
