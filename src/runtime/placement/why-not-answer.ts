import { exactText } from '../../core/bdi/exact-text.ts';
import { whyNotPlaced } from '../../core/placement/check-placement.ts';
import type { Topology } from '../../core/placement/topology.ts';
import { unitGraphOf } from '../../core/placement/unit-graph.ts';
import { type Movable, withSites } from '../../core/placement/with-sites.ts';
import type { PlacedService } from '../../protocol/placed-service.ts';
import type { Placement, ServiceGraph } from '../../protocol/service-graph.ts';

/** Why an answer cannot be what was asked for; undefined: it can. The agent is attested; that is looked at all the same. */
export function whyNotAnswer(
  placed: PlacedService | null,
  graph: ServiceGraph,
  stays: ReadonlySet<string>,
  topology: Topology,
  {
    leaving = [],
    movable = [],
  }: { readonly leaving?: readonly string[] | undefined; readonly movable?: readonly Movable[] | undefined },
): string | undefined {
  if (placed === null) return 'nothing is placed';
  if (exactText(placed.graph, true) !== exactText(graph, true))
    return 'another service is placed than was asked for';
  try {
    return whyNotPlaced(
      placed.placement,
      unitGraphOf(withSites(graph, movable)),
      topology,
      stays,
      new Set(leaving),
    );
  } catch (error) {
    // What cannot be a service is not placed.
    return error instanceof Error ? error.message : String(error);
  }
}

/** Units that have the same host in both. */
export function unmoved(before: Placement, after: Placement | undefined): ReadonlySet<string> {
  const hosts = new Map(after?.units.map(({ unit, host }) => [unit, host]));
  return new Set(before.units.flatMap(({ unit, host }) => (hosts.get(unit) === host ? [unit] : [])));
}
