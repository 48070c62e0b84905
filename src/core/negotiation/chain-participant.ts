import type { AclMessage, MessageDraft, Performative } from '../../protocol/acl.ts';
import type { Json } from '../../protocol/journal.ts';
import type {
  BookingAnswer,
  ChainAnswer,
  ChainCfp,
  Lack,
  SiteDigest,
  UnitBid,
  UnitRefusal,
} from '../../protocol/placement.ts';
import { BookingSchema, HoldSchema } from '../../protocol/placement.ts';
import { bidForUnit } from '../placement/bid-for-unit.ts';
import type { Book, BookAnswer } from '../placement/book.ts';
import type { SubstrateView } from '../placement/substrate-view.ts';
import { takeDigest } from '../placement/substrate-view.ts';
import type { Topology } from '../placement/topology.ts';
import type { Handling } from './initiator.ts';
import { readCfp } from './read-contents.ts';

/** Conversations remembered at most: an answer that was lost is given again from there, or worked out again. */
const MAX_REMEMBERED = 64;
/** Characters of all bids of an answer at most, as JSON: beside what is refused, and the news of the book, they have to fit. */
const MAX_BID_CHARS = 30_000;

export interface ParticipantContext {
  readonly topology: Topology;
  /** What it believes to be free elsewhere, and what of its own book it keeps there. */
  readonly view: SubstrateView;
  readonly book: Book;
  /** What it tells others of its book. */
  digest(nowMs: number): SiteDigest;
}

interface Remembered {
  readonly initiator: string;
  readonly round: number;
  readonly answer: MessageDraft;
  readonly toldVersion: number;
}

/** A change of the book that a message has brought about. */
export interface BookChange {
  readonly booking: string;
  readonly state: BookingAnswer['state'];
  readonly reason: string;
}

export interface Handled {
  readonly handling: Handling;
  readonly reply?: MessageDraft;
  readonly change?: BookChange;
}

/**
 * A site's side of the bargaining: bids for its hosts from its book and from what it believes of the rest, and keeps the book. A bid
 * binds nothing: what is offered may be gone when it is to be held, and is refused then.
 */
export class ChainParticipant {
  readonly #context: ParticipantContext;
  readonly #hosts: readonly number[];
  readonly #remembered = new Map<string, Remembered>();

  constructor(context: ParticipantContext) {
    this.#context = context;
    this.#hosts = context.topology.hostsOfSite(context.book.owned.site);
  }

  onMessage(message: AclMessage, nowMs: number): Handled {
    switch (message.performative) {
      case 'cfp':
        return this.#onCfp(message, nowMs);
      case 'accept-proposal':
      case 'request':
        return this.#onHold(message, nowMs);
      case 'confirm':
      case 'cancel':
        return this.#onBooking(message, nowMs);
      case 'reject-proposal':
        this.#remembered.delete(message.conversationId);
        return { handling: 'handled' };
      default:
        return { handling: 'wrong-state' };
    }
  }

  #onCfp(message: AclMessage, nowMs: number): Handled {
    const cfp = readCfp(message.content);
    if (cfp === undefined) return { handling: 'malformed' };
    const before = this.#remembered.get(message.conversationId);
    if (before !== undefined && before.initiator !== message.sender) return { handling: 'wrong-sender' };
    if (before !== undefined && cfp.round < before.round) return { handling: 'late' };
    if (before !== undefined && cfp.round === before.round) {
      return { handling: 'duplicate', reply: { ...before.answer, inReplyTo: message.messageId } };
    }
    this.#refresh(nowMs);
    const { topology, view, book } = this.#context;
    for (const digest of cfp.news) if (digest.site !== book.owned.site) takeDigest(view, topology, digest);
    const { bids, refusals } = this.#bid(cfp);
    const digest = this.#context.digest(nowMs);
    const content: ChainAnswer = { round: cfp.round, bids, refusals };
    // What is free in a closed book nobody knows.
    const toldVersion = book.isOpen ? digest.version : (before?.toldVersion ?? -1);
    if (toldVersion !== (before?.toldVersion ?? -1)) content.digest = digest;
    const answer = draft(message, bids.length > 0 ? 'propose' : 'refuse', content);
    this.#remember(message, cfp.round, answer, toldVersion);
    return { handling: 'handled', reply: answer };
  }

  #bid(cfp: ChainCfp): { bids: UnitBid[]; refusals: UnitRefusal[] } {
    const { topology, view, book } = this.#context;
    const context = { topology, view, weights: cfp.weights, explain: cfp.explain === true };
    const bids: UnitBid[] = [];
    const refusals: UnitRefusal[] = [];
    if (!book.isOpen) {
      const reason = 'its book is closed: what stands in it is not settled yet';
      return { bids, refusals: cfp.tasks.map(({ chain }) => ({ chain, reason, lacks: [] })) };
    }
    let most = 0;
    for (const task of cfp.tasks) {
      const offer = bidForUnit(context, task, this.#hosts);
      if (offer.kind === 'refusal') {
        refusals.push(offer.refusal);
        continue;
      }
      bids.push(offer.bid);
      most += mostChars(offer.bid);
      if (most <= MAX_BID_CHARS) continue;
      most = JSON.stringify(bids).length;
      if (most <= MAX_BID_CHARS) continue;
      bids.pop();
      const reason = 'it could host the unit, but its bid does not fit in its answer';
      refusals.push({ chain: task.chain, reason, lacks: [] });
    }
    return { bids, refusals };
  }

  #onHold(message: AclMessage, nowMs: number): Handled {
    const parsed = HoldSchema.safeParse(message.content);
    if (!parsed.success) return { handling: 'malformed' };
    const { booking: id, service, leaseMs, reservation } = parsed.data;
    const { book } = this.#context;
    // It will be said again: until then nobody must take for gone, or for given back, what only is not settled yet.
    if (!book.isOpen) return { handling: 'wrong-state' };
    const again = book.get(id) !== undefined;
    const order = { id, service, by: message.sender, untilMs: nowMs + leaseMs, reservation };
    return this.#answer(message, id, book.hold(order, nowMs), again, nowMs);
  }

  #onBooking(message: AclMessage, nowMs: number): Handled {
    const parsed = BookingSchema.safeParse(message.content);
    if (!parsed.success) return { handling: 'malformed' };
    const { booking: id, only } = parsed.data;
    const { book } = this.#context;
    if (!book.isOpen) return { handling: 'wrong-state' };
    const version = book.version;
    const answer =
      message.performative === 'confirm'
        ? book.confirm(id, message.sender, nowMs)
        : book.release(id, message.sender, nowMs, only);
    return this.#answer(message, id, answer, book.version === version, nowMs);
  }

  #answer(message: AclMessage, booking: string, answer: BookAnswer, again: boolean, nowMs: number): Handled {
    this.#refresh(nowMs);
    const digest = answer.ok ? this.#context.digest(nowMs) : this.#context.book.digest();
    const reason = answer.ok ? '' : answer.reason;
    const lacks: readonly Lack[] = answer.ok ? [] : answer.lacks.slice(0, 64);
    const state = answer.ok ? answer.state : 'refused';
    const content: BookingAnswer = { booking, state, reason, lacks: [...lacks], digest };
    const reply = draft(message, answer.ok ? 'inform' : 'failure', content);
    if (again) return { handling: 'duplicate', reply };
    return { handling: 'handled', reply, change: { booking, state, reason } };
  }

  /** What it believes of its own is what its book says. */
  #refresh(nowMs: number): void {
    const { book, topology, view } = this.#context;
    book.expire(nowMs);
    if (view.versions.get(book.owned.site) !== book.version) takeDigest(view, topology, book.digest());
  }

  #remember(message: AclMessage, round: number, answer: MessageDraft, toldVersion: number): void {
    this.#remembered.delete(message.conversationId);
    this.#remembered.set(message.conversationId, { initiator: message.sender, round, answer, toldVersion });
    if (this.#remembered.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** Characters that a bid has at most as JSON: to count them exactly takes as long as to work the bid out. */
function mostChars({ host, routes, parts }: UnitBid): number {
  let most = 250 + host.length + (parts.length === 0 ? 0 : JSON.stringify(parts).length);
  for (const { link, path } of routes) {
    // Any character of an id may have to be escaped.
    most += 25 + 6 * link.length;
    for (const name of path) most += name.length + 3;
  }
  return most;
}

function draft(
  to: AclMessage,
  performative: Performative,
  content: ChainAnswer | BookingAnswer,
): MessageDraft {
  return {
    performative,
    receiver: to.sender,
    conversationId: to.conversationId,
    protocol: 'fipa-iterated-contract-net',
    inReplyTo: to.messageId,
    // Plain data of a schema.
    content: content as Json,
  };
}
