import type { AgentModel } from '../../core/bdi/agent-model.ts';
import type { AuctionTerms, GoalArgs, GoalOutcome, GoalType } from '../../core/bdi/goal.ts';
import type { NegotiationHost, NegotiationModule } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { Directory } from '../../core/negotiation/directory.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import type { Sealing } from '../../core/negotiation/sealing.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { BidMode } from '../../protocol/scenario.ts';
import type { AwardsSnapshot } from './awards.ts';
import { Awards } from './awards.ts';
import type { OutcomeListener } from './open-request.ts';
import type { AuctionsSnapshot } from './opened-auctions.ts';
import { OpenedAuctions } from './opened-auctions.ts';
import type { BundlesSnapshot } from './opened-bundles.ts';
import { OpenedBundles } from './opened-bundles.ts';
import type { RequestsSnapshot } from './requests.ts';
import { Requests } from './requests.ts';
import type { UndertakingsSnapshot } from './undertakings.ts';
import { Undertakings } from './undertakings.ts';

export interface AuctionOptions {
  readonly directory: Directory;
  readonly mode: BidMode;
  readonly costWeight: number;
  /** What activating a capability takes on the host: its function's demand. */
  readonly activationDemand: (capability: string) => { readonly cpu: number; readonly memoryGb: number };
  /** For sealed bids; absent: such auctions are neither opened nor bid in. */
  readonly sealing?: Sealing;
}

/** How every message was dealt with. */
export type MessageCounters = Record<Handling | 'unknown-conversation', number>;

interface ModuleSnapshot {
  readonly counters: MessageCounters;
  readonly awards: AwardsSnapshot;
  readonly auctions: AuctionsSnapshot;
  readonly undertakings: UndertakingsSnapshot;
  readonly bundles: BundlesSnapshot | undefined;
  readonly requests: RequestsSnapshot | undefined;
}

/** Performatives of a Contract Net that go to the participant; an agent may bid in its own auction. */
const FOR_PARTICIPANT: ReadonlySet<string> = new Set([
  'cfp',
  'accept-proposal',
  'reject-proposal',
  'cancel',
  'query-ref',
]);

/** Terms that the protocol for bundles has no place for: refused, not passed over. */
const NOT_FOR_BUNDLES = ['reservePrice', 'leaseMs', 'demand', 'sealed', 'pricing'] as const;

/** The built-in auction capability: Contract Net in both roles, standing awards and plain requests. */
export class AuctionModule implements NegotiationModule, OutcomeListener {
  readonly counters: MessageCounters = {
    handled: 0,
    duplicate: 0,
    late: 0,
    'wrong-sender': 0,
    'wrong-state': 0,
    malformed: 0,
    'unknown-conversation': 0,
  };
  readonly awards: Awards;
  readonly #auctions: OpenedAuctions;
  /** Made when the first is opened. */
  #bundles: OpenedBundles | undefined;
  readonly #directory: Directory;
  readonly #undertakings: Undertakings;
  /** Made when the first is asked or served: an idle agent is small. */
  #requests: Requests | undefined;

  constructor(options: AuctionOptions) {
    this.awards = new Awards({
      lapsed: (given, host) =>
        this.#auctions.moveAward(given.award, `${given.holder} missed its lease`, host),
      ended: (held, reason, because, host) => {
        host.perceive('award-ended', held.award, { goal: held.goal, reason }, because);
        this.#undertakings.awardEnded(held.award, host, because);
      },
    });
    this.#directory = options.directory;
    this.#auctions = new OpenedAuctions(options, this.awards, this);
    this.#undertakings = new Undertakings(options, this.awards);
  }

  get auctionsOpened(): number {
    return this.#auctions.opened + (this.#bundles?.opened ?? 0);
  }

  auction(
    token: number,
    goal: GoalType,
    args: GoalArgs,
    terms: AuctionTerms,
    because: Cause,
    host: NegotiationHost,
  ): void {
    const goals = terms.bundle?.(args);
    if (goals !== undefined) {
      const unfit = NOT_FOR_BUNDLES.filter((term) => terms[term] !== undefined);
      if (unfit.length > 0) {
        const error = `goals auctioned together are awarded without ${unfit.join(', ')}`;
        host.resolve(token, { ok: false, error }, because);
        return;
      }
      this.#bundles ??= new OpenedBundles(this.#directory, this.#auctions);
      this.#bundles.open(token, goals, terms, because, host);
      return;
    }
    const conversation = `${host.self}.${token}`;
    this.#auctions.open({ token, goal, args, terms, because, conversation }, host);
  }

  onMessage(message: AclMessage, entry: number, host: NegotiationHost): void {
    const handling = this.#dispatch(message, entry, host);
    this.counters[handling]++;
    const answerable =
      handling === 'unknown-conversation' || handling === 'malformed' || handling === 'wrong-state';
    if (!answerable || message.performative === 'not-understood') return;
    host.send(
      {
        performative: 'not-understood',
        receiver: message.sender,
        conversationId: message.conversationId,
        inReplyTo: message.messageId,
        protocol: message.protocol,
        content: { reason: handling, parts: [] },
      },
      [entry],
    );
  }

  #dispatch(message: AclMessage, entry: number, host: NegotiationHost): Handling | 'unknown-conversation' {
    switch (message.protocol) {
      case 'muster-lease':
        return this.awards.onMessage(message, entry, host);
      case 'muster-tell':
        host.perceive('told', message.sender, message.content, entry);
        return 'handled';
      case 'fipa-request':
        this.#requests ??= new Requests();
        return this.#requests.onMessage(message, entry, host);
      case 'fipa-contract-net':
        if (FOR_PARTICIPANT.has(message.performative)) {
          return this.#undertakings.onMessage(message, entry, host);
        }
        if (this.#bundles?.has(message.conversationId) === true) {
          return this.#bundles.onMessage(message, entry, host);
        }
        return this.#auctions.onMessage(message, entry, host);
      case 'fipa-iterated-contract-net':
        // Places services: `PlacementModule` takes these before they come here.
        return 'unknown-conversation';
      default:
        message.protocol satisfies never;
        return 'malformed';
    }
  }

  onTime(host: NegotiationHost): void {
    this.#auctions.onTime(host);
    this.#bundles?.onTime(host);
    this.#undertakings.onTime(host);
    this.#requests?.onTime(host);
    this.awards.onTime(host);
  }

  nextDeadlineMs(): number {
    return Math.min(
      this.#auctions.nextDeadlineMs(),
      this.#undertakings.nextDeadlineMs(),
      this.#bundles?.nextDeadlineMs() ?? Number.POSITIVE_INFINITY,
      this.#requests?.nextDeadlineMs() ?? Number.POSITIVE_INFINITY,
      this.awards.nextDeadlineMs(),
    );
  }

  /** An auction has ended: what the goal that waits for it is answered, or the bundle that it is a part of. */
  auctionEnded(token: number, outcome: GoalOutcome, because: Cause, host: NegotiationHost): void {
    if (token < 0) this.#bundles?.partEnded(token, outcome, because, host);
    else host.resolve(token, outcome, because);
  }

  request(
    token: number,
    receiver: AgentId,
    content: Json,
    withinMs: number,
    because: Cause,
    host: NegotiationHost,
  ): void {
    this.#requests ??= new Requests();
    this.#requests.open(token, receiver, content, withinMs, because, host);
  }

  tell(receiver: AgentId, content: Json, because: Cause, host: NegotiationHost): void {
    const conversationId = `${host.self}.tell`;
    host.send({ performative: 'inform', receiver, conversationId, protocol: 'muster-tell', content }, [
      because,
    ]);
  }

  goalEnded(token: number, outcome: GoalOutcome, because: Cause, host: NegotiationHost): void {
    if (this.#undertakings.goalEnded(token, outcome, because, host)) return;
    this.#requests?.goalEnded(token, outcome, because, host);
  }

  abort(token: number, reason: string, host: NegotiationHost): void {
    this.#auctions.abort(token, reason, host);
    this.#bundles?.abort(token, reason, host);
    this.#requests?.abort(token, host.self);
  }

  snapshot(): ModuleSnapshot {
    return {
      counters: this.counters,
      awards: this.awards.snapshot(),
      auctions: this.#auctions.snapshot(),
      undertakings: this.#undertakings.snapshot(),
      bundles: this.#bundles?.snapshot(),
      requests: this.#requests?.snapshot(),
    };
  }

  restore(data: unknown, model: AgentModel): void {
    // Only what snapshot() gave comes here: the engine keeps it beside the agent's own state.
    const { counters, awards, auctions, undertakings, bundles, requests } = data as ModuleSnapshot;
    Object.assign(this.counters, counters);
    this.awards.restore(awards);
    this.#auctions.restore(auctions, model);
    this.#undertakings.restore(undertakings);
    if (bundles !== undefined) {
      this.#bundles = new OpenedBundles(this.#directory, this.#auctions);
      this.#bundles.restore(bundles);
    }
    if (requests === undefined) return;
    this.#requests = new Requests();
    this.#requests.restore(requests);
  }

  release(award: string, reason: string, because: Cause, host: NegotiationHost): void {
    this.awards.release(award, reason, because, host);
  }
}
