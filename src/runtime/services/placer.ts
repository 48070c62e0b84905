import type { NodeName } from '../../protocol/ids.ts';
import type { Placement, ServiceGraph } from '../../protocol/service-graph.ts';

/** What is to be placed, and what of it has its place already. */
export interface PlacementRequest {
  /** Names the request: repeated with the same name, it is answered the same and booked once. */
  readonly id: string;
  readonly graph: ServiceGraph;
  /** Units that stay where they are, and are booked already. */
  readonly keep: Placement['units'];
  /** Sites that nobody can reach: nothing new goes there. */
  readonly avoidSites: readonly NodeName[];
}

export type PlacementOutcome =
  | { readonly kind: 'placed'; readonly placement: Placement }
  /** Nothing is booked. Every reason says what lacks, and where. */
  | { readonly kind: 'refused'; readonly reasons: readonly string[] };

/** Finds hosts for the units of services and keeps them booked: by auction between the agents of the sites. */
export interface Placer {
  /** Books all of it or nothing. Rejects when the signal aborts, or when nobody could be asked. */
  place(request: PlacementRequest, signal: AbortSignal): Promise<PlacementOutcome>;
  /** Gives back what units had booked; absent: all of the service. Of what is not booked: no error. */
  release(service: string, units?: readonly string[]): Promise<void>;
  /** After a restart: exactly this is booked, and whatever else stood in the books is free. */
  adopt(placed: readonly { readonly graph: ServiceGraph; readonly placement: Placement }[]): Promise<void>;
}
