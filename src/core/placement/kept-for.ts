import type { PlacedService } from '../../protocol/placed-service.ts';
import type { Reservation } from '../../protocol/placement.ts';
import { chainOf } from './chain.ts';
import { reservationsOf } from './reservations-of.ts';
import type { Topology } from './topology.ts';
import { unitGraphOf } from './unit-graph.ts';

const NOTHING: ReadonlyMap<string, Reservation> = new Map();

/** What each site keeps for a placed service, under all of its bookings together. */
export function keptFor(
  { graph, placement }: PlacedService,
  topology: Topology,
): ReadonlyMap<string, Reservation> {
  const units = unitGraphOf(graph);
  const chain = chainOf(placement, units, topology);
  return chain === undefined ? NOTHING : reservationsOf(chain, units, topology);
}
