import type { AgentModel } from '../../core/bdi/agent-model.ts';
import type { AuctionTerms, GoalArgs, GoalType } from '../../core/bdi/goal.ts';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type {
  AuctionOutcome,
  AuctionSpec,
  InitiatorOutput,
  InitiatorSnapshot,
} from '../../core/negotiation/auction-spec.ts';
import type { ConversationMemory } from '../../core/negotiation/conversations.ts';
import { Conversations } from '../../core/negotiation/conversations.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import { Initiator } from '../../core/negotiation/initiator.ts';
import { giveAward } from '../../core/negotiation/standing-award.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AuctionOptions } from './auction-module.ts';
import type { Awards } from './awards.ts';
import type { OpenRequest, OutcomeListener, PartTerms } from './open-request.ts';
import { auctionedAs } from './open-request.ts';
import { tracedBids } from './traced-bids.ts';

/** An award is moved at most so often before the work itself fails. */
const MAX_MOVES = 5;

interface Auction {
  readonly machine: Initiator;
  readonly token: number;
  readonly goal: GoalType;
  readonly args: GoalArgs;
  readonly terms: AuctionTerms;
  readonly lost: readonly AgentId[];
  entry: Cause;
}

export interface AuctionsSnapshot {
  readonly opened: number;
  readonly auctions: readonly {
    readonly spec: AuctionSpec;
    readonly machine: InitiatorSnapshot;
    readonly token: number;
    readonly goal: string;
    /** Of a part of a bundle: no goal of the model says them. */
    readonly terms: PartTerms | undefined;
    readonly args: GoalArgs;
    readonly lost: readonly AgentId[];
    readonly entry: Cause;
    readonly waiting: boolean;
  }[];
  readonly memory: ConversationMemory | undefined;
}

/** The auctions that this agent has opened, and what becomes of their awards. */
export class OpenedAuctions {
  opened = 0;
  readonly #options: Pick<AuctionOptions, 'directory' | 'sealing'>;
  readonly #awards: Awards;
  readonly #listener: OutcomeListener;
  #table: Conversations<Auction> | undefined;
  #byToken: Map<number, Auction> | undefined;

  constructor(
    options: Pick<AuctionOptions, 'directory' | 'sealing'>,
    awards: Awards,
    listener: OutcomeListener,
  ) {
    this.#options = options;
    this.#awards = awards;
    this.#listener = listener;
  }

  nextDeadlineMs(): number {
    return this.#table?.earliestMs() ?? Number.POSITIVE_INFINITY;
  }

  open(request: OpenRequest, host: NegotiationHost): void {
    const { token, goal, args, terms, because, conversation, only, takesOver, lost = [], again } = request;
    this.#table ??= new Conversations();
    this.#byToken ??= new Map();
    this.#table.forget(host.nowMs, (award) => this.#awards.has(award));
    const demand = terms.demand?.(args);
    const search = { salt: conversation, ...(demand === undefined ? {} : { demand }) };
    const participants = only ?? this.#options.directory.search(goal.name, search);
    const spec: AuctionSpec = {
      conversationId: conversation,
      goal: { type: goal.name, args },
      participants,
      replyByMs: host.nowMs + terms.bidWithinMs,
      completeWithinMs: terms.completeWithinMs,
      ...(terms.reservePrice === undefined ? {} : { reservePrice: terms.reservePrice }),
      ...(terms.leaseMs === undefined ? {} : { leaseMs: terms.leaseMs }),
      ...(demand === undefined ? {} : { demand }),
      ...(takesOver === undefined ? {} : { takesOver }),
      ...(terms.pricing === undefined ? {} : { pricing: terms.pricing }),
      ...(terms.sealed === undefined ? {} : { sealed: terms.sealed, revealWithinMs: terms.bidWithinMs }),
    };
    const machine = new Initiator(spec, this.#options.sealing?.hash);
    const auction: Auction = { machine, token, goal, args, terms, lost, entry: because };
    this.opened++;
    this.#table.add(conversation, auction, machine.deadlineMs);
    this.#byToken.set(token, auction);
    const out: InitiatorOutput[] = [];
    const why = again === undefined ? '' : `: ${again}`;
    this.#note(auction, 'opened', `${goal.name} put out to ${participants.length} agents${why}`, host);
    machine.open(out);
    this.#deliver(auction, out, host);
  }

  onMessage(message: AclMessage, entry: number, host: NegotiationHost): Handling | 'unknown-conversation' {
    const auction = this.#table?.get(message.conversationId);
    if (auction === undefined) return 'unknown-conversation';
    const out: InitiatorOutput[] = [];
    const handling = auction.machine.onMessage(message, host.nowMs, out);
    if (handling === 'handled' || handling === 'malformed') auction.entry = entry || auction.entry;
    if (out.length > 0) this.#deliver(auction, out, host);
    return handling;
  }

  onTime(host: NegotiationHost): void {
    for (const auction of this.#table?.due(host.nowMs) ?? []) {
      const out: InitiatorOutput[] = [];
      auction.machine.onTime(host.nowMs, out);
      this.#deliver(auction, out, host);
    }
  }

  snapshot(): AuctionsSnapshot {
    const table = this.#table;
    return {
      opened: this.opened,
      auctions: [...(table?.values() ?? [])].map((auction) => {
        const { machine, token, goal, args, lost, entry } = auction;
        const { bidWithinMs, completeWithinMs } = auction.terms;
        const terms = token < 0 ? { bidWithinMs, completeWithinMs } : undefined;
        const waiting = this.#byToken?.get(token) === auction;
        return {
          spec: machine.spec,
          machine: machine.snapshot(),
          token,
          goal: goal.name,
          terms,
          args,
          lost,
          entry,
          waiting,
        };
      }),
      memory: table?.memory(),
    };
  }

  restore(data: AuctionsSnapshot, model: AgentModel): void {
    this.opened = data.opened;
    if (data.memory === undefined) return;
    const table = new Conversations<Auction>();
    this.#table = table;
    this.#byToken = new Map();
    for (const {
      spec,
      machine: from,
      token,
      goal: name,
      terms,
      args,
      lost,
      entry,
      waiting,
    } of data.auctions) {
      const put = auctionedAs(name, terms, model);
      const machine = new Initiator(spec, this.#options.sealing?.hash, from);
      const auction: Auction = { machine, token, ...put, args, lost, entry };
      table.add(spec.conversationId, auction, machine.deadlineMs);
      if (waiting) this.#byToken.set(token, auction);
    }
    table.recall(data.memory);
  }

  /** Nobody waits for an auction's outcome any more. */
  abort(token: number, reason: string, host: NegotiationHost): void {
    const auction = this.#byToken?.get(token);
    if (auction === undefined) return;
    const out: InitiatorOutput[] = [];
    auction.machine.cancel(reason, out);
    this.#deliver(auction, out, host);
  }

  /** The holder of a standing award is lost; whoever relies on the role hears of it if nobody takes it over. */
  moveAward(award: string, reason: string, host: NegotiationHost): void {
    const auction = this.#table?.get(award);
    if (auction === undefined) return;
    const standing: Auction = { ...auction, token: 0 };
    if (this.#askNextBest(standing, reason, host)) return;
    this.#lose(standing, reason, host);
  }

  #deliver(auction: Auction, out: readonly InitiatorOutput[], host: NegotiationHost): void {
    const { machine } = auction;
    const because = [auction.entry];
    for (const output of out) {
      switch (output.kind) {
        case 'send':
          host.send(output.message, because);
          break;
        case 'awarded':
          this.#note(auction, 'awarded', `${output.winner}: ${output.reason}`, host);
          because[0] = auction.entry;
          break;
        case 'closed':
          this.#close(auction, output.outcome, host);
          break;
        default:
          output satisfies never;
      }
    }
    if (machine.state !== 'closed') this.#table?.setDeadline(auction, machine.deadlineMs);
  }

  #close(auction: Auction, outcome: AuctionOutcome, host: NegotiationHost): void {
    const { machine, token, goal, args } = auction;
    const { conversationId, leaseMs, takesOver } = machine.spec;
    this.#table?.end(conversationId, auction, host.nowMs);
    this.#byToken?.delete(token);
    const reason = outcome.kind === 'completed' ? `${outcome.winner} has done it` : outcome.reason;
    this.#note(auction, outcome.kind, reason, host);
    machine.forgetParts();
    if (outcome.kind === 'completed') {
      if (leaseMs !== undefined) {
        const given = giveAward(conversationId, machine.spec.goal, outcome.winner, leaseMs, host.nowMs);
        this.#awards.give(given, auction.entry, takesOver, host);
      }
      const value = { award: conversationId, holder: outcome.winner, result: outcome.result };
      host.perceive('goal-won', `${goal.name}(${goal.subjectOf(args)})`, value, auction.entry);
      this.#listener.auctionEnded(token, { ok: true, value }, auction.entry, host);
      return;
    }
    const moving = outcome.kind === 'failed' || (outcome.kind === 'no-bid' && auction.lost.length > 0);
    if (moving && this.#askNextBest(auction, reason, host)) return;
    if (token === 0) this.#lose(auction, reason, host);
    else this.#listener.auctionEnded(token, { ok: false, error: reason }, auction.entry, host);
  }

  #lose({ goal, args, entry }: Auction, reason: string, host: NegotiationHost): void {
    host.perceive('award-lost', `${goal.name}(${goal.subjectOf(args)})`, { reason }, entry);
  }

  /**
   * The winner is lost: a cfp to the next best bidder alone, in a conversation that refers to the first one; a new auction
   * among all others when no bid is left. False: nobody is left, or it has moved too often and the work itself must fail.
   */
  #askNextBest(auction: Auction, reason: string, host: NegotiationHost): boolean {
    const { machine, goal, args, terms, token } = auction;
    const { conversationId, takesOver, participants, demand } = machine.spec;
    const failed = machine.winner === undefined ? participants : [machine.winner];
    const lost = [...auction.lost, ...failed];
    const gone = new Set(lost);
    const able = (agent: AgentId) => !gone.has(agent);
    const [next] = machine.nextBest(host.nowMs).filter(able);
    const search = { salt: conversationId, ...(demand === undefined ? {} : { demand }) };
    const only = next === undefined ? this.#options.directory.search(goal.name, search).filter(able) : [next];
    if (only.length === 0 || conversationId.split('/').length > MAX_MOVES + 1) return false;
    const conversation = `${conversationId}/`;
    const because = auction.entry;
    const moved = takesOver ?? conversationId;
    this.open(
      { token, goal, args, terms, because, conversation, only, takesOver: moved, lost, again: reason },
      host,
    );
    return true;
  }

  /** Traces how an auction stands; what follows refers to that entry. */
  #note(
    auction: Auction,
    status: 'opened' | 'awarded' | 'completed' | 'no-bid' | 'failed' | 'cancelled',
    reason: string,
    host: NegotiationHost,
  ): void {
    if (!host.tracing) return;
    const { machine, goal, args } = auction;
    const answers = machine.bids.map((each) => each.messageId).filter((id) => id !== '');
    auction.entry = host.trace([auction.entry, ...answers], {
      kind: 'auction',
      auction: machine.spec.conversationId,
      goal: `${goal.name}(${goal.subjectOf(args)})`,
      status,
      participants: [...machine.spec.participants],
      bids: tracedBids(machine, status),
      winner: machine.winner ?? null,
      reserve: machine.spec.reservePrice ?? null,
      reason,
    });
  }
}
