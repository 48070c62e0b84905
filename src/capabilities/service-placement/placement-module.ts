import type { AgentModel } from '../../core/bdi/agent-model.ts';
import type { AuctionTerms, GoalArgs, GoalOutcome, GoalType } from '../../core/bdi/goal.ts';
import type { NegotiationHost, NegotiationModule } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import type { BookSnapshot } from '../../core/placement/book.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { HostingOptions } from '../hosting/hosting-desk.ts';
import { HostingDesk } from '../hosting/hosting-desk.ts';
import type { PlacementOptions, PlacementSnapshot } from './placement-desk.ts';
import { PlacementDesk } from './placement-desk.ts';

export interface PlacementModuleOptions {
  /** Takes everything else: auctions, requests, news. */
  readonly inner: NegotiationModule;
  /** Present: the agent keeps the book of a site. */
  readonly hosting?: HostingOptions;
  /** Present: the agent places services. */
  readonly placement?: PlacementOptions;
}

interface ModuleSnapshot {
  readonly inner: unknown;
  readonly book: BookSnapshot | undefined;
  readonly placement: PlacementSnapshot | undefined;
}

/** Performatives that go to who keeps a book. */
const FOR_HOSTING: ReadonlySet<string> = new Set([
  'cfp',
  'accept-proposal',
  'reject-proposal',
  'request',
  'confirm',
  'cancel',
]);

/** The built-in auctions, and beside them the iterated Contract Net by which services are placed: in both of its roles. */
export class PlacementModule implements NegotiationModule {
  readonly #inner: NegotiationModule;
  #hosting: HostingDesk | undefined;
  readonly #placement: PlacementDesk | undefined;
  /** How every message of its own protocol was dealt with. */
  readonly counters = new Map<Handling | 'unknown-conversation', number>();

  constructor({ inner, hosting, placement }: PlacementModuleOptions) {
    this.#inner = inner;
    this.#hosting = hosting === undefined ? undefined : new HostingDesk(hosting);
    this.#placement = placement === undefined ? undefined : new PlacementDesk(placement);
  }

  get hosting(): HostingDesk | undefined {
    return this.#hosting;
  }

  onMessage(message: AclMessage, entry: number, host: NegotiationHost): void {
    if (message.protocol !== 'fipa-iterated-contract-net') {
      this.#inner.onMessage(message, entry, host);
      return;
    }
    const desk = FOR_HOSTING.has(message.performative) ? this.#hosting : this.#placement;
    const handling = desk?.onMessage(message, entry, host) ?? 'unknown-conversation';
    this.counters.set(handling, (this.counters.get(handling) ?? 0) + 1);
  }

  onTime(host: NegotiationHost): void {
    this.#inner.onTime(host);
    this.#hosting?.onTime(host);
    this.#placement?.onTime(host);
  }

  nextDeadlineMs(): number {
    return Math.min(
      this.#inner.nextDeadlineMs(),
      this.#hosting?.nextDeadlineMs() ?? Number.POSITIVE_INFINITY,
      this.#placement?.nextDeadlineMs() ?? Number.POSITIVE_INFINITY,
    );
  }

  auction(
    token: number,
    goal: GoalType,
    args: GoalArgs,
    terms: AuctionTerms,
    because: Cause,
    host: NegotiationHost,
  ): void {
    if (this.#hosting?.auction(token, goal, args, because, host) === true) return;
    if (this.#placement?.auction(token, goal, args, because, host) === true) return;
    this.#inner.auction(token, goal, args, terms, because, host);
  }

  request(
    token: number,
    receiver: AgentId,
    content: Json,
    withinMs: number,
    because: Cause,
    host: NegotiationHost,
  ): void {
    this.#inner.request(token, receiver, content, withinMs, because, host);
  }

  tell(receiver: AgentId, content: Json, because: Cause, host: NegotiationHost): void {
    this.#inner.tell(receiver, content, because, host);
  }

  goalEnded(token: number, outcome: GoalOutcome, because: Cause, host: NegotiationHost): void {
    this.#inner.goalEnded(token, outcome, because, host);
  }

  abort(token: number, reason: string, host: NegotiationHost): void {
    this.#placement?.abort(token, reason, host);
    this.#inner.abort(token, reason, host);
  }

  release(award: string, reason: string, because: Cause, host: NegotiationHost): void {
    this.#inner.release(award, reason, because, host);
  }

  snapshot(): ModuleSnapshot {
    return {
      inner: this.#inner.snapshot(),
      book: this.#hosting?.snapshot(),
      placement: this.#placement?.snapshot(),
    };
  }

  restore(data: unknown, model: AgentModel): void {
    // Only what snapshot() gave comes here: the engine keeps it beside the agent's own state.
    const { inner, book, placement } = data as ModuleSnapshot;
    this.#inner.restore(inner, model);
    if (book !== undefined) this.#hosting = this.#hosting?.restored(book);
    if (placement !== undefined) this.#placement?.restore(placement);
  }
}
