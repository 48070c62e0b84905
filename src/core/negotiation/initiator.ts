import type { AclMessage, MessageDraft, Performative } from '../../protocol/acl.ts';
import {
  CommitmentSchema,
  FailureSchema,
  InformSchema,
  ProposalSchema,
  RefusalSchema,
  RevealSchema,
} from '../../protocol/contract-net.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type {
  AuctionOutcome,
  AuctionSpec,
  AuctionState,
  BidRecord,
  InitiatorOutput,
  InitiatorSnapshot,
} from './auction-spec.ts';
import { cfpOf, NO_PARTS, noAnswerYet, takeProposal } from './auction-spec.ts';
import { rankBids, whyBest, whyNobody } from './rank-bids.ts';
import type { Sealing } from './sealing.ts';
import { commitmentOf } from './sealing.ts';

/** How a message was dealt with; the host counts these. */
export type Handling = 'handled' | 'duplicate' | 'late' | 'wrong-sender' | 'wrong-state' | 'malformed';

/**
 * The initiator's side of FIPA Contract Net (SC00029H), one auction. States: `bidding` until all have answered or the
 * deadline has passed; `revealing`, in sealed auctions alone, until all promised bids are told or their deadline has passed;
 * `awarded` until the winner informs, fails or is silent too long; `closed`, reached exactly once. Whom to ask next when the winner is
 * lost, `nextBest` tells.
 */
export class Initiator {
  readonly spec: AuctionSpec;
  state: AuctionState;
  readonly bids: BidRecord[];
  winner: AgentId | undefined;
  deadlineMs: number;
  readonly #hash: Sealing['hash'] | undefined;
  readonly #byBidder: ReadonlyMap<AgentId, BidRecord>;
  #open: number;

  /** A new auction, or one gone on with from its snapshot. */
  constructor(spec: AuctionSpec, hash?: Sealing['hash'], from?: InitiatorSnapshot) {
    this.#hash = hash;
    this.spec = spec;
    this.state = from?.state ?? 'bidding';
    this.winner = from?.winner;
    this.deadlineMs = from?.deadlineMs ?? spec.replyByMs;
    this.#open = from?.open ?? spec.participants.length;
    this.bids = from?.bids ?? spec.participants.map(noAnswerYet);
    this.#byBidder = new Map(this.bids.map((each) => [each.bidder, each]));
  }

  /** All that the machine is, apart from its spec. */
  snapshot(): InitiatorSnapshot {
    const { state, winner, deadlineMs, bids } = this;
    return { state, winner, deadlineMs, bids, open: this.#open };
  }

  open(out: InitiatorOutput[]): void {
    const { spec } = this;
    if (spec.participants.length === 0) {
      this.#close({ kind: 'no-bid', reason: 'nobody offers this goal' }, out);
      return;
    }
    if (spec.sealed !== undefined && this.#hash === undefined) {
      this.#close({ kind: 'no-bid', reason: 'sealed bids cannot be checked here: no hash function' }, out);
      return;
    }
    const cfp = cfpOf(spec);
    for (const receiver of spec.participants) {
      this.#send('cfp', receiver, cfp, out, { replyByMs: spec.replyByMs });
    }
  }

  onMessage(message: AclMessage, nowMs: number, out: InitiatorOutput[]): Handling {
    const record = this.#byBidder.get(message.sender);
    if (record === undefined) return 'wrong-sender';
    switch (message.performative) {
      case 'propose':
      case 'refuse':
      case 'not-understood':
        return this.#onAnswer(record, message, nowMs, out);
      case 'inform':
      case 'failure':
        if (this.state === 'revealing') return this.#onReveal(record, message, nowMs, out);
        return this.#onResult(record, message, nowMs, out);
      default:
        return 'wrong-state';
    }
  }

  onTime(nowMs: number, out: InitiatorOutput[]): void {
    if (nowMs < this.deadlineMs) return;
    if (this.state === 'bidding') this.#bidsAreIn(nowMs, out);
    else if (this.state === 'revealing') this.#award(nowMs, out);
    else if (this.state === 'awarded') this.#winnerFailed('did not report in time', nowMs, out);
  }

  cancel(reason: string, out: InitiatorOutput[]): void {
    if (this.state === 'closed') return;
    for (const { bidder, outcome } of this.bids) {
      const open = this.state === 'bidding' || this.state === 'revealing';
      const involved = open ? outcome !== 'refused' : bidder === this.winner;
      if (involved) this.#send('cancel', bidder, { reason }, out);
    }
    this.#close({ kind: 'cancelled', reason }, out);
  }

  #onAnswer(record: BidRecord, message: AclMessage, nowMs: number, out: InitiatorOutput[]): Handling {
    if (record.messageId !== '') return 'duplicate';
    if (this.state !== 'bidding' || nowMs > this.spec.replyByMs) {
      if (message.performative !== 'propose') return 'late';
      record.outcome = 'late';
      record.messageId = message.messageId;
      record.reason = `came after the deadline of ${this.spec.replyByMs} ms`;
      this.#reject(record, 'late', out);
      return 'late';
    }
    let handling: Handling = 'handled';
    if (message.performative === 'propose') {
      if (!this.#takeBid(record, message.content)) {
        record.outcome = 'invalid';
        record.reason = 'its proposal could not be read';
        handling = 'malformed';
      }
    } else {
      const parsed = RefusalSchema.safeParse(message.content);
      record.outcome = message.performative === 'refuse' ? 'refused' : 'not-understood';
      record.reason = parsed.success ? parsed.data.reason : record.outcome;
      if (parsed.success) record.parts = parsed.data.parts;
    }
    record.messageId = message.messageId;
    if (record.outcome === 'invalid') this.#reject(record, record.reason, out);
    if (--this.#open === 0) this.#bidsAreIn(nowMs, out);
    return handling;
  }

  /** A price, or the promise of one; false: it cannot be read. */
  #takeBid(record: BidRecord, content: Json): boolean {
    if (this.spec.sealed === undefined) {
      const parsed = ProposalSchema.safeParse(content);
      if (parsed.success) takeProposal(record, parsed.data, this.spec.reservePrice);
      return parsed.success;
    }
    const parsed = CommitmentSchema.safeParse(content);
    if (!parsed.success) return false;
    record.commitment = parsed.data.commitment;
    record.outcome = 'silent';
    record.reason = 'has promised a bid and not told it';
    return true;
  }

  /** Sealed bids are asked for now, when none can be changed any more; others are compared. */
  #bidsAreIn(nowMs: number, out: InitiatorOutput[]): void {
    const promised = this.bids.filter((each) => each.commitment !== '');
    if (promised.length === 0) {
      this.#award(nowMs, out);
      return;
    }
    this.state = 'revealing';
    this.deadlineMs = nowMs + (this.spec.revealWithinMs ?? this.spec.completeWithinMs);
    this.#open = promised.length;
    for (const { bidder, messageId } of promised) {
      const more = { inReplyTo: messageId, replyByMs: this.deadlineMs };
      this.#send('query-ref', bidder, { reveal: this.spec.conversationId }, out, more);
    }
  }

  #onReveal(record: BidRecord, message: AclMessage, nowMs: number, out: InitiatorOutput[]): Handling {
    if (record.commitment === '') return 'wrong-state';
    if (nowMs > this.deadlineMs) return 'late';
    const parsed = RevealSchema.safeParse(message.content);
    const { conversationId } = this.spec;
    const kept =
      parsed.success &&
      this.#hash !== undefined &&
      commitmentOf(this.#hash, conversationId, record.bidder, parsed.data) === record.commitment;
    record.commitment = '';
    record.messageId = message.messageId;
    if (parsed.success && kept) takeProposal(record, parsed.data, this.spec.reservePrice);
    else {
      record.outcome = 'invalid';
      record.reason = 'what it told is not what it had promised';
      this.#reject(record, record.reason, out);
    }
    if (--this.#open === 0) this.#award(nowMs, out);
    return parsed.success ? 'handled' : 'malformed';
  }

  #onResult(record: BidRecord, message: AclMessage, nowMs: number, out: InitiatorOutput[]): Handling {
    if (this.state === 'closed') return record.bidder === this.winner ? 'duplicate' : 'wrong-state';
    if (this.state !== 'awarded') return 'wrong-state';
    if (record.bidder !== this.winner) return 'late';
    if (message.performative === 'inform') {
      const parsed = InformSchema.safeParse(message.content);
      if (!parsed.success) {
        this.#winnerFailed('its result could not be read', nowMs, out);
        return 'malformed';
      }
      this.#close({ kind: 'completed', winner: record.bidder, result: parsed.data.result }, out);
    } else {
      const parsed = FailureSchema.safeParse(message.content);
      this.#winnerFailed(parsed.success ? parsed.data.reason : 'failed', nowMs, out);
    }
    return 'handled';
  }

  #award(nowMs: number, out: InitiatorOutput[]): void {
    const ranked = rankBids(this.bids, this.spec.conversationId, nowMs);
    const [best, second] = ranked;
    const others = this.bids.filter((each) => each.outcome === 'lost' || each.commitment !== '');
    if (best === undefined) {
      for (const record of others) this.#reject(record, record.reason, out);
      this.#close({ kind: 'no-bid', reason: whyNobody(this.bids) }, out);
      return;
    }
    for (const record of ranked) {
      if (record === best) continue;
      record.reason = `${record.price?.toFixed(4)} against ${best.price?.toFixed(4)} of ${best.bidder}`;
      others.push(record);
    }
    const price = (this.spec.pricing === 'second-price' ? second?.price : best.price) ?? best.price ?? 0;
    // The winner first: it has something to do.
    this.#give(best, price, whyBest(best, second), nowMs, out);
    for (const record of others) this.#reject(record, record.reason, out);
  }

  #give(record: BidRecord, price: number, reason: string, nowMs: number, out: InitiatorOutput[]): void {
    this.state = 'awarded';
    this.winner = record.bidder;
    record.outcome = 'won';
    record.reason = reason;
    this.deadlineMs = nowMs + this.spec.completeWithinMs;
    const { conversationId, takesOver } = this.spec;
    const content = { award: conversationId, ...(takesOver === undefined ? {} : { takesOver }) };
    this.#send('accept-proposal', record.bidder, content, out, {
      inReplyTo: record.messageId,
      replyByMs: this.deadlineMs,
    });
    out.push({ kind: 'awarded', winner: record.bidder, price, reason });
  }

  /** Ends this auction as failed; `nextBest` tells the host whom to ask alone, in a conversation that refers to this one. */
  #winnerFailed(reason: string, nowMs: number, out: InitiatorOutput[]): void {
    const record = this.winner === undefined ? undefined : this.#byBidder.get(this.winner);
    if (record !== undefined) {
      record.reason = `won, then ${reason}`;
      if (nowMs >= this.deadlineMs) {
        this.#send('cancel', record.bidder, { reason }, out);
      }
    }
    this.#close({ kind: 'failed', reason: `${this.winner ?? 'the winner'} ${reason}` }, out);
  }

  /** Once an auction is over and traced, only who bid how much is needed, for the next best. */
  forgetParts(): void {
    for (const record of this.bids) record.parts = NO_PARTS;
  }

  /** Whom to ask next, alone, when the winner is lost: bidders whose bids are still valid, best first. */
  nextBest(nowMs: number): readonly AgentId[] {
    return rankBids(this.bids, this.spec.conversationId, nowMs).map((record) => record.bidder);
  }

  #reject(record: BidRecord, reason: string, out: InitiatorOutput[]): void {
    this.#send('reject-proposal', record.bidder, { reason }, out, { inReplyTo: record.messageId });
  }

  #send(
    performative: Performative,
    receiver: AgentId,
    content: Json,
    out: InitiatorOutput[],
    more: { readonly inReplyTo?: string; readonly replyByMs?: number } = {},
  ): void {
    const message: MessageDraft = {
      performative,
      receiver,
      conversationId: this.spec.conversationId,
      protocol: 'fipa-contract-net',
      content,
    };
    if (more.inReplyTo !== undefined) message.inReplyTo = more.inReplyTo;
    if (more.replyByMs !== undefined) message.replyByMs = more.replyByMs;
    out.push({ kind: 'send', message });
  }

  #close(outcome: AuctionOutcome, out: InitiatorOutput[]): void {
    this.state = 'closed';
    this.deadlineMs = Number.POSITIVE_INFINITY;
    out.push({ kind: 'closed', outcome });
  }
}
