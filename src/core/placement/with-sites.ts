import type { NodeName } from '../../protocol/ids.ts';
import type { ServiceGraph } from '../../protocol/service-graph.ts';

/** A unit that may move, and the sites that it may run on as is wished now; empty: any. */
export interface Movable {
  readonly unit: string;
  readonly sites: readonly NodeName[];
}

/** The service with what is wished now of units that may move: what is booked says what was wished when they were placed. */
export function withSites(graph: ServiceGraph, movable: readonly Movable[]): ServiceGraph {
  const sites = new Map(movable.map((each) => [each.unit, each.sites]));
  const units = graph.units.map((unit) => ({ ...unit, sites: [...(sites.get(unit.id) ?? unit.sites)] }));
  return { ...graph, units };
}
