import type { MessageDraft } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Chain } from '../placement/chain.ts';
import type { MoveAnswers } from '../placement/chain-search.ts';
import type { SubstrateView } from '../placement/substrate-view.ts';
import type { Topology } from '../placement/topology.ts';
import type { UnitGraph } from '../placement/unit-graph.ts';
import type { SiteAgent } from './chain-round.ts';
import type { SiteNews } from './site-news.ts';

/** How a service is bargained for. */
export interface ChainTerms {
  /** Chains side by side; absent: as many as suit the service, see `startsFor`. */
  readonly starts?: number | undefined;
  /** How often each unit of the complete chains is put up again. */
  readonly improvements: number;
  /** How long answers are waited for before the same is said again, and how often it is said. */
  readonly replyWithinMs: number;
  readonly tries: number;
  /** How long what is held stays so unless it is confirmed. */
  readonly leaseMs: number;
  /** How often bargaining begins anew when what was offered has gone meanwhile, and the least wait before, doubled each time. */
  readonly attempts: number;
  readonly backoffMs: number;
  /** Services that one agent bargains for at a time: those that come beside them wait, as they would only take one another's hosts away. */
  readonly concurrent: number;
}

export const CHAIN_TERMS: ChainTerms = {
  improvements: 0,
  replyWithinMs: 200,
  tries: 4,
  leaseMs: 10_000,
  attempts: 6,
  backoffMs: 4,
  concurrent: 4,
};

export interface ChainSpec {
  readonly conversationId: string;
  readonly graph: UnitGraph;
  readonly participants: readonly SiteAgent[];
  /** Sites that are not asked, and whose links are not used. */
  readonly avoidSites: readonly string[];
  readonly terms: ChainTerms;
  /** Whether the outcome tells what each place was won against. */
  readonly explain: boolean;
  /**
   * What is booked already. All of the service: it is bargained for again, moving at most so many units. A part: it stays where it is,
   * and the rest is placed beside it.
   */
  readonly again?: {
    readonly chain: Chain;
    readonly budget: number;
    /** Units move to make room for others, not to cost less: what is free is gathered where most of it is. */
    readonly makeRoom: boolean;
    /** Part of the cost that each move has to save: what is moved is interrupted, if shortly. */
    readonly saving: number;
    /** Nothing is booked: it is asked what it would cost if some of these units ran elsewhere. */
    readonly offer?: { readonly movable: ReadonlySet<number> };
  };
  /** Nothing is bargained for: exactly this is booked; with `again`, what it has beside that. */
  readonly book?: Chain;
}

/** What it needs to know of the world. */
export interface ChainContext {
  readonly topology: Topology;
  readonly view: SubstrateView;
  readonly news: SiteNews;
}

export type ChainOutcome =
  | {
      readonly kind: 'placed';
      readonly chain: Chain;
      /** Other chains that were complete, cheapest first. */
      readonly others: readonly Chain[];
      readonly booking: string;
      readonly owners: readonly AgentId[];
    }
  /** Where it could run, of what is placed already: nothing of it is booked. */
  | {
      readonly kind: 'offered';
      readonly before: Chain;
      readonly chain: Chain;
      readonly budget: number;
      readonly saving: number;
      readonly moves: ReadonlyMap<number, MoveAnswers>;
    }
  | {
      readonly kind: 'unplaced';
      readonly reason: string;
      /** Chains that got stuck in the last attempt, longest first, and complete ones that could not be booked. */
      readonly stuck: readonly Chain[];
      readonly complete: readonly Chain[];
    };

export type ChainOutput =
  | { readonly kind: 'send'; readonly message: MessageDraft }
  /** A booking that came to nothing, to be given up at these until they have answered. */
  | { readonly kind: 'release'; readonly booking: string; readonly owners: readonly AgentId[] }
  | { readonly kind: 'closed'; readonly outcome: ChainOutcome };
