import type { AclMessage, MessageDraft, Performative } from '../../protocol/acl.ts';
import type { AuctionedGoal, Cfp } from '../../protocol/contract-net.ts';
import {
  BundleProposalSchema,
  FailureSchema,
  InformSchema,
  RefusalSchema,
} from '../../protocol/contract-net.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { BundleOffer } from './bundle.ts';
import { MAX_BUNDLE, solveBundle } from './bundle.ts';
import type { Handling } from './initiator.ts';

export interface BundleSpec {
  readonly conversationId: string;
  readonly goals: readonly AuctionedGoal[];
  readonly participants: readonly AgentId[];
  readonly replyByMs: number;
  /** How long winners may take, from their award on. */
  readonly completeWithinMs: number;
}

interface GoalResult {
  readonly holder: AgentId;
  readonly result: Json;
}

export type BundleOutcome =
  | {
      readonly kind: 'completed';
      /** Who reached each goal and with what result, in the order of the goals. */
      readonly results: readonly GoalResult[];
    }
  | {
      readonly kind: 'partly';
      readonly results: readonly (GoalResult | undefined)[];
      /** The goals that were not reached, by their numbers, and who had won them: to be put out to auction again, one by one. */
      readonly left: readonly { readonly goal: number; readonly lostBy: AgentId }[];
      readonly reason: string;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export type BundleOutput =
  | { readonly kind: 'send'; readonly message: MessageDraft }
  | { readonly kind: 'awarded'; readonly taken: readonly BundleOffer[]; readonly price: number }
  | { readonly kind: 'closed'; readonly outcome: BundleOutcome };

/** What an agent has answered to a bundle. */
export interface BundleRecord {
  readonly bidder: AgentId;
  state: 'silent' | 'offered' | 'refused' | 'awarded' | 'done' | 'lost';
  /** Once it has won, the offer that was taken alone. */
  offers: readonly BundleOffer[];
  won: boolean;
  /** Why it has refused; '' when it has not. */
  reason: string;
  messageId: string;
}

export interface BundleSnapshot {
  readonly state: BundleInitiator['state'];
  readonly deadlineMs: number;
  readonly records: BundleRecord[];
  readonly results: (GoalResult | undefined)[];
  readonly whyLeft: string;
}

/**
 * The initiator of goals auctioned together: a Contract Net whose proposals price sets of goals, and whose award goes to the cheapest
 * exact cover. Each winner does its goals and reports once; what is left when all have ended is told, with why.
 */
export class BundleInitiator {
  readonly spec: BundleSpec;
  state: 'bidding' | 'awarded' | 'closed';
  deadlineMs: number;
  readonly records: BundleRecord[];
  readonly #results: BundleSnapshot['results'];
  #whyLeft: string;
  readonly #byBidder: ReadonlyMap<AgentId, BundleRecord>;
  /** How many have not answered yet. */
  #open: number;

  constructor(spec: BundleSpec, from?: BundleSnapshot) {
    this.spec = spec;
    this.state = from?.state ?? 'bidding';
    this.deadlineMs = from?.deadlineMs ?? spec.replyByMs;
    this.records =
      from?.records ??
      spec.participants.map((bidder) => ({
        bidder,
        state: 'silent',
        offers: [],
        won: false,
        reason: '',
        messageId: '',
      }));
    this.#whyLeft = from?.whyLeft ?? '';
    this.#results = from?.results ?? spec.goals.map(() => undefined);
    this.#byBidder = new Map(this.records.map((each) => [each.bidder, each]));
    this.#open = this.records.filter((each) => each.state === 'silent').length;
  }

  snapshot(): BundleSnapshot {
    const { state, deadlineMs, records } = this;
    return { state, deadlineMs, records, results: this.#results, whyLeft: this.#whyLeft };
  }

  open(out: BundleOutput[]): void {
    const { goals, participants, replyByMs, completeWithinMs } = this.spec;
    const [first] = goals;
    if (first === undefined || participants.length === 0) {
      this.#close({ kind: 'failed', reason: 'nobody offers these goals' }, out);
      return;
    }
    if (goals.length > MAX_BUNDLE) {
      const reason = `at most ${MAX_BUNDLE} goals can be auctioned together, not ${goals.length}`;
      this.#close({ kind: 'failed', reason }, out);
      return;
    }
    const cfp: Cfp = { goal: first, bundle: [...goals], completeByMs: replyByMs + completeWithinMs };
    for (const receiver of participants) this.#send('cfp', receiver, cfp, out, { replyByMs });
  }

  onMessage(message: AclMessage, nowMs: number, out: BundleOutput[]): Handling {
    const record = this.#byBidder.get(message.sender);
    if (record === undefined) return 'wrong-sender';
    switch (message.performative) {
      case 'propose':
      case 'refuse':
      case 'not-understood':
        return this.#onAnswer(record, message, nowMs, out);
      case 'inform':
      case 'failure':
        return this.#onResult(record, message, out);
      default:
        return 'wrong-state';
    }
  }

  onTime(nowMs: number, out: BundleOutput[]): void {
    if (nowMs < this.deadlineMs) return;
    if (this.state === 'bidding') this.#award(nowMs, out);
    else if (this.state === 'awarded') {
      for (const record of this.records.filter((each) => each.state === 'awarded')) {
        record.state = 'lost';
        this.#send('cancel', record.bidder, { reason: 'did not report in time' }, out);
      }
      this.#closeIfOver('did not report in time', out);
    }
  }

  cancel(reason: string, out: BundleOutput[]): void {
    if (this.state === 'closed') return;
    for (const { bidder, state } of this.records) {
      if (state === 'refused' || state === 'lost' || state === 'done') continue;
      this.#send('cancel', bidder, { reason }, out);
    }
    this.#close({ kind: 'failed', reason }, out);
  }

  #onAnswer(record: BundleRecord, message: AclMessage, nowMs: number, out: BundleOutput[]): Handling {
    if (record.messageId !== '') return 'duplicate';
    record.messageId = message.messageId;
    if (this.state !== 'bidding' || nowMs > this.spec.replyByMs) {
      record.state = 'lost';
      if (message.performative === 'propose') this.#reject(record, 'late', out);
      return 'late';
    }
    const parsed =
      message.performative === 'propose' ? BundleProposalSchema.safeParse(message.content) : undefined;
    if (parsed?.success === true) {
      record.state = 'offered';
      record.offers = parsed.data.offers.map(({ goals, price }) => ({ bidder: record.bidder, goals, price }));
    } else {
      record.state = 'refused';
      const refusal = RefusalSchema.safeParse(message.content);
      record.reason = refusal.success ? refusal.data.reason : 'could not be understood';
      if (parsed !== undefined) this.#reject(record, 'its offers could not be read', out);
    }
    if (--this.#open === 0) this.#award(nowMs, out);
    return parsed?.success === false ? 'malformed' : 'handled';
  }

  #award(nowMs: number, out: BundleOutput[]): void {
    const { conversationId, goals, completeWithinMs } = this.spec;
    const offers = this.records.flatMap((each) => each.offers);
    const solution = solveBundle(conversationId, goals.length, offers);
    const taken = new Map<string, BundleOffer>();
    if (solution.ok) for (const offer of solution.taken) taken.set(offer.bidder, offer);
    this.state = 'awarded';
    this.deadlineMs = nowMs + completeWithinMs;
    for (const record of this.records) {
      const offer = taken.get(record.bidder);
      if (offer !== undefined) {
        record.state = 'awarded';
        record.won = true;
        record.offers = [offer];
        const more = { inReplyTo: record.messageId, replyByMs: this.deadlineMs };
        const content = { award: conversationId, goals: [...offer.goals] };
        this.#send('accept-proposal', record.bidder, content, out, more);
      } else if (record.state === 'offered') this.#reject(record, 'other offers are cheaper together', out);
    }
    if (solution.ok) out.push({ kind: 'awarded', taken: solution.taken, price: solution.price });
    else this.#close({ kind: 'failed', reason: solution.reason }, out);
  }

  #onResult(record: BundleRecord, message: AclMessage, out: BundleOutput[]): Handling {
    if (record.state === 'done') return 'duplicate';
    if (record.state === 'lost') return 'late';
    if (record.state !== 'awarded' || this.state !== 'awarded') return 'wrong-state';
    const goals = record.offers[0]?.goals ?? [];
    const parsed = message.performative === 'inform' ? InformSchema.safeParse(message.content) : undefined;
    const results = parsed?.success === true ? parsed.data.result : undefined;
    if (!Array.isArray(results) || results.length !== goals.length) {
      record.state = 'lost';
      const failure = FailureSchema.safeParse(message.content);
      const why = failure.success ? failure.data.reason : 'its results could not be read';
      this.#closeIfOver(`${record.bidder}: ${why}`, out);
      return message.performative === 'failure' ? 'handled' : 'malformed';
    }
    record.state = 'done';
    goals.forEach((goal, at) => {
      this.#results[goal] = { holder: record.bidder, result: results[at] ?? null };
    });
    this.#closeIfOver('', out);
    return 'handled';
  }

  /** Over once no winner is at work any more; what was reached stays reached. */
  #closeIfOver(reason: string, out: BundleOutput[]): void {
    if (reason !== '') this.#whyLeft = reason;
    if (this.records.some((each) => each.state === 'awarded')) return;
    const failed = this.records.filter(({ state, won }) => won && state === 'lost');
    const left = failed.flatMap(({ bidder, offers }) =>
      (offers[0]?.goals ?? []).map((goal) => ({ goal, lostBy: bidder })),
    );
    left.sort((a, b) => a.goal - b.goal);
    const results = this.#results.flatMap((each) => each ?? []);
    if (left.length === 0) this.#close({ kind: 'completed', results }, out);
    else this.#close({ kind: 'partly', results: [...this.#results], left, reason: this.#whyLeft }, out);
  }

  #reject(record: BundleRecord, reason: string, out: BundleOutput[]): void {
    record.state = record.state === 'offered' ? 'lost' : record.state;
    this.#send('reject-proposal', record.bidder, { reason }, out, { inReplyTo: record.messageId });
  }

  #send(
    performative: Performative,
    receiver: AgentId,
    content: Json,
    out: BundleOutput[],
    more: { readonly inReplyTo?: string; readonly replyByMs?: number } = {},
  ): void {
    const { conversationId } = this.spec;
    const protocol = 'fipa-contract-net' as const;
    out.push({
      kind: 'send',
      message: { performative, receiver, conversationId, protocol, content, ...more },
    });
  }

  #close(outcome: BundleOutcome, out: BundleOutput[]): void {
    this.state = 'closed';
    this.deadlineMs = Number.POSITIVE_INFINITY;
    out.push({ kind: 'closed', outcome });
  }
}
