import type { MessageDraft } from '../../protocol/acl.ts';
import type { AuctionedGoal, Cfp, Proposal } from '../../protocol/contract-net.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { BidPart, JournalBid, Json } from '../../protocol/journal.ts';

export interface AuctionSpec {
  readonly conversationId: string;
  readonly goal: AuctionedGoal;
  readonly participants: readonly AgentId[];
  readonly replyByMs: number;
  /** How long the winner may take, from its award on. */
  readonly completeWithinMs: number;
  readonly reservePrice?: number;
  readonly leaseMs?: number;
  readonly demand?: { readonly cpu: number; readonly memoryGb: number };
  /** `second-price`: the winner is credited with the second lowest price; who wins is the same. */
  readonly pricing?: 'first-price' | 'second-price';
  /** Bids are first promised, then told: nobody can fit its price to another's. Needs `hash`. */
  readonly sealed?: 'commit-reveal';
  /** How long promised bids may take to be told. */
  readonly revealWithinMs?: number;
  /** The award whose holder has failed: the next holder adopts what that one had in force. */
  readonly takesOver?: string;
}

export type AuctionState = 'bidding' | 'revealing' | 'awarded' | 'closed';

/** What the machine wants done: messages to send, and news for its host. */
export type InitiatorOutput =
  | { readonly kind: 'send'; readonly message: MessageDraft }
  | { readonly kind: 'awarded'; readonly winner: AgentId; readonly price: number; readonly reason: string }
  | { readonly kind: 'closed'; readonly outcome: AuctionOutcome };

export type AuctionOutcome =
  | { readonly kind: 'completed'; readonly winner: AgentId; readonly result: Json }
  | { readonly kind: 'no-bid'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'cancelled'; readonly reason: string };

export interface BidRecord {
  readonly bidder: AgentId;
  outcome: JournalBid['outcome'];
  price: number | null;
  parts: readonly BidPart[];
  reason: string;
  validUntilMs: number;
  messageId: string;
  /** Of a sealed bid; '' when it is not, or when it has been told. */
  commitment: string;
}

export interface InitiatorSnapshot {
  readonly state: AuctionState;
  readonly winner: AgentId | undefined;
  readonly deadlineMs: number;
  readonly bids: BidRecord[];
  /** How many have not answered yet. */
  readonly open: number;
}

export const NO_PARTS: readonly BidPart[] = [];

export function noAnswerYet(bidder: AgentId): BidRecord {
  return {
    bidder,
    outcome: 'silent',
    price: null,
    parts: NO_PARTS,
    reason: 'has not answered',
    validUntilMs: 0,
    messageId: '',
    commitment: '',
  };
}

/** Notes a price that was told; one over the reserve price has lost. */
export function takeProposal(
  record: Omit<BidRecord, 'bidder'>,
  { price, parts, validUntilMs }: Proposal,
  reserve: number | undefined,
): void {
  const over = reserve !== undefined && price > reserve;
  record.price = price;
  record.parts = parts;
  record.validUntilMs = validUntilMs;
  record.outcome = over ? 'lost' : 'proposed';
  record.reason = over ? `over the reserve price of ${reserve}` : '';
}

/** What the call for proposals says. */
export function cfpOf(spec: AuctionSpec): Cfp {
  return {
    goal: spec.goal,
    completeByMs: spec.replyByMs + spec.completeWithinMs,
    ...(spec.demand === undefined ? {} : { demand: spec.demand }),
    ...(spec.reservePrice === undefined ? {} : { reservePrice: spec.reservePrice }),
    ...(spec.leaseMs === undefined ? {} : { standing: { leaseMs: spec.leaseMs } }),
    ...(spec.takesOver === undefined ? {} : { takesOver: spec.takesOver }),
    ...(spec.sealed === undefined ? {} : { sealed: spec.sealed }),
  };
}
