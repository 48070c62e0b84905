import type { UnitGraph } from '../../core/placement/unit-graph.ts';
import { unitGraphOf } from '../../core/placement/unit-graph.ts';
import type { Placement, ServiceGraph } from '../../protocol/service-graph.ts';

/** Characters of the names of all units and links of a service that move, or come, at most: they are named in one message. */
const MAX_NAME_CHARS = 50_000;

/** The service as it is bargained for; a text: why it cannot be. `keep`: what of it is placed, and stays. */
export function readGraph(graph: ServiceGraph, keep?: Placement): UnitGraph | string {
  const stay = new Set([
    ...(keep?.units.map(({ unit }) => unit) ?? []),
    ...(keep?.links.map(({ link }) => link) ?? []),
  ]);
  const chars = [...graph.units, ...graph.links].reduce(
    (sum, { id }) => sum + (stay.has(id) ? 0 : id.length + 3),
    0,
  );
  if (chars > MAX_NAME_CHARS)
    return `the names of its units and links have ${chars} characters, at most ${MAX_NAME_CHARS} can be named to those who book`;
  try {
    return unitGraphOf(graph);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
