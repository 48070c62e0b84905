import type { Movable } from '../../core/placement/with-sites.ts';
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
  /** Where what is new goes, as it was offered: nothing is bargained for. */
  readonly at?: OfferedPlaces;
}

/** Where units go that take the place of others, and the ways of their links. */
export interface OfferedPlaces {
  readonly units: Placement['units'];
  readonly links: Placement['links'];
  /** Units that go once these run. */
  readonly leaving: readonly string[];
}

/** A placed service that may run for less. */
export interface OfferRequest {
  readonly service: string;
  /** Units that may move, and how many of them do at most. */
  readonly movable: readonly Movable[];
  readonly budget: number;
  /** Part of the cost that each move has to save. */
  readonly margin: number;
  /** Instead: they move to where a larger piece is free afterwards, whatever it costs. Absent: to where it costs less. */
  readonly makeRoom?: boolean;
  /** Nothing goes there. */
  readonly avoidSites: readonly NodeName[];
}

/** Where units of a placed service could run instead. */
export interface Offer {
  /** By the names that they have now; none: nothing pays. */
  readonly moves: Placement['units'];
  /** The ways that all links of these would take. */
  readonly links: readonly { readonly ends: readonly [string, string]; readonly path: readonly NodeName[] }[];
  /** Bandwidth times hops of all links, bytes/s: now, and then. */
  readonly cost: { readonly now: number; readonly after: number };
}

export type OfferOutcome =
  | { readonly kind: 'offered'; readonly offer: Offer }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] };

export type PlacementOutcome =
  | { readonly kind: 'placed'; readonly placement: Placement }
  /** Nothing is booked. Every reason says what lacks, and where. */
  | { readonly kind: 'refused'; readonly reasons: readonly string[] };

/** A service that runs and could not be booked where it does. */
export interface Misfit {
  readonly service: string;
  readonly reason: string;
  /** There is no room for it there, whoever is asked: else its booking was only not answered for. */
  readonly mustLeave: boolean;
}

/** Finds hosts for the units of services and keeps them booked: by auction between the agents of the sites. */
export interface Placer {
  /** Books all of it or nothing; between units that are booked already, what is asked for beyond that. Rejects when the signal aborts, or when nobody could be asked. */
  place(request: PlacementRequest, signal: AbortSignal): Promise<PlacementOutcome>;
  /** Asks what a placed service would cost elsewhere. Nothing is booked. Rejects as `place` does. */
  offer(request: OfferRequest, signal: AbortSignal): Promise<OfferOutcome>;
  /** Gives back what units had booked; absent: all of the service. Of what is not booked: no error. */
  release(service: string, units?: readonly string[]): Promise<void>;
  /** Gives back what is booked between units beyond this. */
  lower(service: string, links: ServiceGraph['links']): Promise<void>;
  /** After a restart: exactly this is booked, and whatever else stood in the books is free. Earlier ones come before later ones; answers those that are not booked. */
  adopt(
    placed: readonly { readonly graph: ServiceGraph; readonly placement: Placement }[],
  ): Promise<readonly Misfit[]>;
}
