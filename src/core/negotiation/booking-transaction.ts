import type { AclMessage, MessageDraft } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Lack, Reservation } from '../../protocol/placement.ts';
import { BookingAnswerSchema } from '../../protocol/placement.ts';
import type { Handling } from './initiator.ts';
import type { SiteNews } from './site-news.ts';

/** What one owner is to keep. */
export interface OwnerOrder {
  readonly agent: AgentId;
  readonly reservation: Reservation;
}

export interface BookingSpec {
  readonly booking: string;
  readonly service: string;
  readonly conversationId: string;
  readonly owners: readonly OwnerOrder[];
  readonly leaseMs: number;
  /** How long an answer is waited for before the same is said again, and how often it is said. */
  readonly replyWithinMs: number;
  readonly tries: number;
}

export type BookingOutcome =
  | { readonly kind: 'confirmed' }
  | {
      readonly kind: 'refused';
      readonly agent: AgentId;
      /** It has not answered at all. */
      readonly silent: boolean;
      readonly reason: string;
      readonly lacks: readonly Lack[];
    };

interface Owner extends OwnerOrder {
  state: 'asked' | 'held' | 'confirming' | 'confirmed';
  tries: number;
}

/**
 * Books at several owners, all or none: each is asked to hold its part under a lease; when all do, each is told to confirm. One that
 * refuses, or is silent after all tries, ends it: whoever opened it then releases the booking at all of them. Everything is said under
 * the booking's id, so saying it again does nothing twice.
 */
export class BookingTransaction {
  readonly spec: BookingSpec;
  readonly #owners: ReadonlyMap<AgentId, Owner>;
  readonly #news: SiteNews;
  outcome: BookingOutcome | undefined;
  deadlineMs = Number.POSITIVE_INFINITY;

  constructor(spec: BookingSpec, news: SiteNews) {
    this.spec = spec;
    this.#news = news;
    this.#owners = new Map(spec.owners.map((order) => [order.agent, { ...order, state: 'asked', tries: 0 }]));
  }

  open(nowMs: number, out: MessageDraft[]): void {
    this.#say(nowMs, out);
    if (this.#owners.size === 0) this.outcome = { kind: 'confirmed' };
  }

  onMessage(message: AclMessage, nowMs: number, out: MessageDraft[]): Handling {
    const owner = this.#owners.get(message.sender);
    if (owner === undefined) return 'wrong-sender';
    const parsed = BookingAnswerSchema.safeParse(message.content);
    if (!parsed.success) return 'malformed';
    const { booking, state, reason, lacks, digest } = parsed.data;
    this.#news.learn(digest);
    if (booking !== this.spec.booking) return 'late';
    if (this.outcome !== undefined) return 'duplicate';
    if (message.performative === 'failure' || state === 'refused' || state === 'released') {
      this.#end({ kind: 'refused', agent: owner.agent, silent: false, reason, lacks });
      return 'handled';
    }
    if (state === 'held' && owner.state === 'asked') owner.state = 'held';
    else if (state === 'confirmed' && owner.state === 'confirming') owner.state = 'confirmed';
    else return 'duplicate';
    const all = [...this.#owners.values()];
    if (all.every((each) => each.state === 'held')) {
      for (const each of all) {
        each.state = 'confirming';
        each.tries = 0;
      }
      this.#say(nowMs, out);
    } else if (all.every((each) => each.state === 'confirmed')) this.#end({ kind: 'confirmed' });
    return 'handled';
  }

  onTime(nowMs: number, out: MessageDraft[]): void {
    if (nowMs < this.deadlineMs || this.outcome !== undefined) return;
    this.#say(nowMs, out);
  }

  /** Nobody waits for these any longer. */
  without(agents: readonly AgentId[]): void {
    const owner = agents.map((agent) => this.#owners.get(agent)).find((each) => each !== undefined);
    if (owner !== undefined && this.outcome === undefined) this.#isSilent(owner);
  }

  #isSilent({ agent }: Owner): void {
    this.#end({ kind: 'refused', agent, silent: true, reason: 'is silent', lacks: [] });
  }

  /** Says to everyone who has not answered what is to be said now. */
  #say(nowMs: number, out: MessageDraft[]): void {
    const { conversationId, booking, service, leaseMs, replyWithinMs, tries } = this.spec;
    for (const owner of this.#owners.values()) {
      if (owner.state !== 'asked' && owner.state !== 'confirming') continue;
      if (owner.tries >= tries) {
        this.#isSilent(owner);
        return;
      }
      owner.tries++;
      const { reservation, agent: receiver } = owner;
      const hosts = reservation.hosts.length > 0;
      out.push({
        // Who has bid for a unit is accepted; who only carries what flows between others is asked.
        performative: owner.state === 'confirming' ? 'confirm' : hosts ? 'accept-proposal' : 'request',
        receiver,
        conversationId,
        protocol: 'fipa-iterated-contract-net',
        replyByMs: nowMs + replyWithinMs,
        content: owner.state === 'confirming' ? { booking } : { booking, service, leaseMs, reservation },
      });
    }
    this.deadlineMs = nowMs + replyWithinMs;
  }

  #end(outcome: BookingOutcome): void {
    this.outcome = outcome;
    this.deadlineMs = Number.POSITIVE_INFINITY;
  }
}
