import type { AuctionTerms, GoalArgs, GoalOutcome, GoalType } from '../../core/bdi/goal.ts';
import type { NegotiationHost, NegotiationModule } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { Directory } from '../../core/negotiation/directory.ts';
import type { Handling, InitiatorOutput } from '../../core/negotiation/initiator.ts';
import { Initiator } from '../../core/negotiation/initiator.ts';
import type { ParticipantOutput } from '../../core/negotiation/participant.ts';
import { Participant } from '../../core/negotiation/participant.ts';
import { giveAward } from '../../core/negotiation/standing-award.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import { CfpSchema } from '../../protocol/contract-net.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { BidMode } from '../../protocol/scenario.ts';
import { Awards } from './awards.ts';
import { Requests } from './requests.ts';
import { tracedBids } from './traced-bids.ts';
import { work } from './work-out-bid.ts';

export interface AuctionOptions {
  readonly directory: Directory;
  readonly mode: BidMode;
  readonly costWeight: number;
  /** What activating a capability takes on the host: its function's demand. */
  readonly activationDemand: (capability: string) => { readonly cpu: number; readonly memoryGb: number };
}

/** Conversations kept at most, and how long ended ones are remembered, so that duplicates are known as such. */
const MAX_CONVERSATIONS = 4096;
const MEMORY_MS = 10_000;
/** How long a bid binds beyond the deadline for bids: a winner that fails is then followed by the next best. */
const VALIDITY_MS = 30_000;

interface Auction {
  readonly machine: Initiator;
  readonly token: number;
  readonly goal: GoalType;
  readonly args: GoalArgs;
  readonly terms: AuctionTerms;
  /** Agents that had it, or were asked alone for it, and failed: not asked again. */
  readonly lost: readonly AgentId[];
  entry: Cause;
  endedMs: number;
}

interface Work {
  readonly machine: Participant;
  readonly capability: string;
  goalToken: number;
  takesOver: string | undefined;
  entry: Cause;
  endedMs: number;
}

/** How every message was dealt with. */
export type MessageCounters = Record<Handling | 'unknown-conversation', number>;

/** The built-in auction capability: Contract Net in both roles, standing awards and plain requests. */
export class AuctionModule implements NegotiationModule {
  readonly counters: MessageCounters = {
    handled: 0,
    duplicate: 0,
    late: 0,
    'wrong-sender': 0,
    'wrong-state': 0,
    malformed: 0,
    'unknown-conversation': 0,
  };
  auctionsOpened = 0;
  readonly #options: AuctionOptions;
  readonly #auctions = new Map<string, Auction>();
  readonly #works = new Map<string, Work>();
  readonly #requests = new Requests();
  readonly awards: Awards;

  constructor(options: AuctionOptions) {
    this.#options = options;
    this.awards = new Awards({
      lapsed: (given, host) => this.#moveAward(given.award, `${given.holder} missed its lease`, host),
      ended: (held, reason, because, host) => {
        host.perceive('award-ended', held.award, { goal: held.goal, reason }, because);
      },
    });
  }

  auction(
    token: number,
    goal: GoalType,
    args: GoalArgs,
    terms: AuctionTerms,
    because: Cause,
    host: NegotiationHost,
  ): void {
    this.#open({ token, goal, args, terms, because, host, conversation: `${host.self}.${token}` });
  }

  #open(request: {
    token: number;
    goal: GoalType;
    args: GoalArgs;
    terms: AuctionTerms;
    because: Cause;
    host: NegotiationHost;
    conversation: string;
    only?: readonly AgentId[];
    takesOver?: string;
    lost?: readonly AgentId[];
    /** Why it is asked again. */
    again?: string;
  }): void {
    const {
      token,
      goal,
      args,
      terms,
      because,
      host,
      conversation,
      only,
      takesOver,
      lost = [],
      again,
    } = request;
    this.#forget(host.nowMs);
    const demand = terms.demand?.(args);
    const search = { salt: conversation, ...(demand === undefined ? {} : { demand }) };
    const participants = only ?? this.#options.directory.search(goal.name, search);
    const machine = new Initiator({
      conversationId: conversation,
      goal: { type: goal.name, args },
      participants,
      replyByMs: host.nowMs + terms.bidWithinMs,
      completeWithinMs: terms.completeWithinMs,
      ...(terms.reservePrice === undefined ? {} : { reservePrice: terms.reservePrice }),
      ...(terms.leaseMs === undefined ? {} : { leaseMs: terms.leaseMs }),
      ...(demand === undefined ? {} : { demand }),
      ...(takesOver === undefined ? {} : { takesOver }),
    });
    const auction: Auction = { machine, token, goal, args, terms, lost, entry: because, endedMs: 0 };
    this.auctionsOpened++;
    this.#auctions.set(conversation, auction);
    auction.entry = this.#trace(
      auction,
      'opened',
      `${goal.name} put out to ${participants.length} agents${again === undefined ? '' : `: ${again}`}`,
      host,
    );
    const out: InitiatorOutput[] = [];
    machine.open(out);
    this.#deliver(auction, out, host);
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
        return this.#requests.onMessage(message, entry, host);
      case 'fipa-contract-net':
        return this.#onContractNet(message, entry, host);
      default:
        message.protocol satisfies never;
        return 'malformed';
    }
  }

  #onContractNet(
    message: AclMessage,
    entry: number,
    host: NegotiationHost,
  ): Handling | 'unknown-conversation' {
    const { performative } = message;
    // An agent may bid in its own auction: which side a message is for is told by what it is.
    const forParticipant =
      performative === 'cfp' ||
      performative === 'accept-proposal' ||
      performative === 'reject-proposal' ||
      performative === 'cancel';
    const auction = forParticipant ? undefined : this.#auctions.get(message.conversationId);
    if (auction !== undefined) {
      const out: InitiatorOutput[] = [];
      const handling = auction.machine.onMessage(message, host.nowMs, out);
      if (handling === 'handled' || handling === 'malformed') auction.entry = entry || auction.entry;
      this.#deliver(auction, out, host);
      return handling;
    }
    const work = forParticipant ? this.#works.get(message.conversationId) : undefined;
    if (work !== undefined) {
      const out: ParticipantOutput[] = [];
      const handling = work.machine.onMessage(message, host.nowMs, out);
      if (handling === 'handled') work.entry = entry || work.entry;
      this.#carryOut(work, out, host);
      return handling;
    }
    return performative === 'cfp' ? this.#onCfp(message, entry, host) : 'unknown-conversation';
  }

  #onCfp(message: AclMessage, entry: number, host: NegotiationHost): Handling {
    const parsed = CfpSchema.safeParse(message.content);
    if (!parsed.success) return 'malformed';
    this.#forget(host.nowMs);
    const cfp = parsed.data;
    const bidding = work(cfp, host, this.#options, this.awards.countHeld());
    const machine = new Participant(message, cfp);
    const entryOfBid = host.trace([entry, ...bidding.because], {
      kind: 'bid',
      auction: message.conversationId,
      goal: cfp.goal.type,
      verdict: bidding.bid.kind,
      price: bidding.bid.kind === 'propose' ? bidding.bid.price : null,
      parts: [...bidding.bid.parts],
      reason: bidding.bid.kind === 'refuse' ? bidding.bid.reason : `can do ${cfp.goal.type}`,
    });
    const begun: Work = {
      machine,
      capability: bidding.capability,
      goalToken: 0,
      takesOver: undefined,
      entry: entryOfBid,
      endedMs: 0,
    };
    this.#works.set(message.conversationId, begun);
    const out: ParticipantOutput[] = [];
    machine.answer(bidding.bid, (message.replyByMs ?? host.nowMs) + VALIDITY_MS, out);
    this.#carryOut(begun, out, host);
    return 'handled';
  }

  onTime(host: NegotiationHost): void {
    const { nowMs } = host;
    for (const auction of [...this.#auctions.values()]) {
      if (auction.machine.deadlineMs > nowMs) continue;
      const out: InitiatorOutput[] = [];
      auction.machine.onTime(nowMs, out);
      this.#deliver(auction, out, host);
    }
    for (const begun of [...this.#works.values()]) {
      if (begun.machine.state === 'ended' || begun.machine.deadlineMs >= nowMs) continue;
      const out: ParticipantOutput[] = [];
      begun.machine.onTime(nowMs, out);
      this.#carryOut(begun, out, host);
    }
    this.#requests.onTime(host);
    this.awards.onTime(host);
  }

  nextDeadlineMs(): number {
    let earliest = Math.min(this.#requests.nextDeadlineMs(), this.awards.nextDeadlineMs());
    for (const { machine } of this.#auctions.values()) {
      if (machine.deadlineMs < earliest) earliest = machine.deadlineMs;
    }
    for (const { machine } of this.#works.values()) {
      if (machine.state !== 'ended' && machine.deadlineMs + 1 < earliest) earliest = machine.deadlineMs + 1;
    }
    return earliest;
  }

  request(
    token: number,
    receiver: AgentId,
    content: Json,
    withinMs: number,
    because: Cause,
    host: NegotiationHost,
  ): void {
    this.#requests.open(token, receiver, content, withinMs, because, host);
  }

  tell(receiver: AgentId, content: Json, because: Cause, host: NegotiationHost): void {
    host.send(
      {
        performative: 'inform',
        receiver,
        conversationId: `${host.self}.tell`,
        protocol: 'muster-tell',
        content,
      },
      [because],
    );
  }

  goalEnded(token: number, outcome: GoalOutcome, because: Cause, host: NegotiationHost): void {
    for (const begun of this.#works.values()) {
      if (begun.goalToken !== token) continue;
      begun.goalToken = 0;
      begun.entry = because || begun.entry;
      const { machine } = begun;
      const out: ParticipantOutput[] = [];
      if (outcome.ok) {
        const { standing, goal } = machine.cfp;
        if (standing !== undefined && machine.state === 'executing') {
          this.awards.hold(
            machine.conversationId,
            goal,
            machine.initiator,
            standing.leaseMs,
            begun.entry,
            host,
          );
        }
        machine.completed(outcome.value, out);
      } else machine.failed(outcome.error, out);
      this.#carryOut(begun, out, host);
      return;
    }
    this.#requests.goalEnded(token, outcome, because, host);
  }

  abort(token: number, reason: string, host: NegotiationHost): void {
    for (const auction of this.#auctions.values()) {
      if (auction.token !== token || auction.machine.state === 'closed') continue;
      const out: InitiatorOutput[] = [];
      auction.machine.cancel(reason, out);
      this.#deliver(auction, out, host);
    }
    this.#requests.abort(token);
  }

  release(award: string, reason: string, because: Cause, host: NegotiationHost): void {
    this.awards.release(award, reason, because, host);
  }

  #deliver(auction: Auction, out: readonly InitiatorOutput[], host: NegotiationHost): void {
    const { machine } = auction;
    for (const output of out) {
      switch (output.kind) {
        case 'send': {
          const { kind: _, ...draft } = output;
          host.send(
            { ...draft, conversationId: machine.spec.conversationId, protocol: 'fipa-contract-net' },
            [auction.entry],
          );
          break;
        }
        case 'awarded':
          auction.entry = this.#trace(auction, 'awarded', `${output.winner}: ${output.reason}`, host);
          break;
        case 'closed':
          this.#close(auction, output.outcome, host);
          break;
        default:
          output satisfies never;
      }
    }
  }

  #close(
    auction: Auction,
    outcome: Extract<InitiatorOutput, { kind: 'closed' }>['outcome'],
    host: NegotiationHost,
  ): void {
    const { machine, token, goal, args } = auction;
    auction.endedMs = host.nowMs;
    const reason = outcome.kind === 'completed' ? `${outcome.winner} has done it` : outcome.reason;
    auction.entry = this.#trace(auction, outcome.kind, reason, host);
    if (outcome.kind === 'completed') {
      const { conversationId, leaseMs, takesOver } = machine.spec;
      if (leaseMs !== undefined) {
        const given = giveAward(conversationId, machine.spec.goal, outcome.winner, leaseMs, host.nowMs);
        this.awards.give(given, auction.entry, takesOver, host);
      }
      const value = { award: conversationId, holder: outcome.winner, result: outcome.result };
      host.perceive('goal-won', `${goal.name}(${goal.subjectOf(args)})`, value, auction.entry);
      host.resolve(token, { ok: true, value }, auction.entry);
      return;
    }
    const moving = outcome.kind === 'failed' || (outcome.kind === 'no-bid' && auction.lost.length > 0);
    if (moving && this.#askNextBest(auction, reason, host)) return;
    if (token === 0)
      host.perceive('award-lost', `${goal.name}(${goal.subjectOf(args)})`, { reason }, auction.entry);
    else host.resolve(token, { ok: false, error: reason }, auction.entry);
  }

  /**
   * The winner is lost: a cfp to the next best bidder alone, in a conversation that refers to the first one; a new auction
   * among all others when no bid is left. False: nobody is left, or it has moved too often and the work itself must fail.
   */
  #askNextBest(auction: Auction, reason: string, host: NegotiationHost): boolean {
    const { machine, goal, args, terms, token } = auction;
    const { conversationId, takesOver, participants } = machine.spec;
    const failed = machine.winner === undefined ? participants : [machine.winner];
    const lost = [...auction.lost, ...failed];
    const able = (agent: AgentId) => !lost.includes(agent);
    const [next] = machine.nextBest(host.nowMs).filter(able);
    const only = next === undefined ? this.#options.directory.search(goal.name).filter(able) : [next];
    if (only.length === 0 || conversationId.split('/').length > 6) return false;
    this.#open({
      token,
      goal,
      args,
      terms,
      because: auction.entry,
      host,
      conversation: `${conversationId}/`,
      only,
      takesOver: takesOver ?? conversationId,
      lost,
      again: reason,
    });
    return true;
  }

  #moveAward(award: string, reason: string, host: NegotiationHost): void {
    const auction = this.#auctions.get(award);
    if (auction === undefined) return;
    // Nobody waits for the outcome any more: whoever relies on the role hears of it as a percept.
    const standing: Auction = { ...auction, token: 0 };
    if (this.#askNextBest(standing, reason, host)) return;
    const { goal, args } = auction;
    host.perceive('award-lost', `${goal.name}(${goal.subjectOf(args)})`, { reason }, auction.entry);
  }

  #carryOut(begun: Work, out: readonly ParticipantOutput[], host: NegotiationHost): void {
    const { machine } = begun;
    for (const output of out) {
      switch (output.kind) {
        case 'send': {
          const { kind: _, ...draft } = output;
          host.send({ ...draft, conversationId: machine.conversationId, protocol: 'fipa-contract-net' }, [
            begun.entry,
          ]);
          break;
        }
        case 'execute':
          begun.takesOver = output.takesOver;
          this.#execute(begun, host);
          break;
        case 'stop':
          if (begun.goalToken !== 0) host.abandon(begun.goalToken, output.reason);
          begun.goalToken = 0;
          break;
        default:
          output satisfies never;
      }
    }
    if (machine.state === 'ended' && begun.endedMs === 0) begun.endedMs = host.nowMs;
  }

  #execute(begun: Work, host: NegotiationHost): void {
    const { machine, capability, takesOver } = begun;
    const { goal } = machine.cfp;
    host.activate(capability, `won ${goal.type}`, [begun.entry]);
    const entry = host.model.goals.get(goal.type)?.find((each) => each.capability.name === capability);
    const args: GoalArgs = {
      ...goal.args,
      award: machine.conversationId,
      initiator: machine.initiator,
      ...(takesOver === undefined ? {} : { takesOver }),
    };
    const token = entry === undefined ? 0 : host.pursue(entry.decl.goal, args, 5, begun.entry);
    begun.goalToken = token;
    if (token !== 0) return;
    const out: ParticipantOutput[] = [];
    machine.failed('the goal could not be taken up', out);
    this.#carryOut(begun, out, host);
  }

  #trace(
    auction: Auction,
    status: 'opened' | 'awarded' | 'completed' | 'no-bid' | 'failed' | 'cancelled',
    reason: string,
    host: NegotiationHost,
  ): Cause {
    if (!host.tracing) return auction.entry;
    const { machine, goal, args } = auction;
    return host.trace(
      [auction.entry, ...machine.bids.map((each) => each.messageId).filter((id) => id !== '')],
      {
        kind: 'auction',
        auction: machine.spec.conversationId,
        goal: `${goal.name}(${goal.subjectOf(args)})`,
        status,
        participants: [...machine.spec.participants],
        bids: tracedBids(machine, status),
        winner: machine.winner ?? null,
        reserve: machine.spec.reservePrice ?? null,
        reason,
      },
    );
  }

  /** Ended conversations are forgotten after a while, the oldest first when there are too many. */
  #forget(nowMs: number): void {
    for (const table of [this.#auctions, this.#works]) {
      if (table.size < 64) continue;
      for (const [conversation, each] of table) {
        const old = each.endedMs !== 0 && nowMs - each.endedMs > MEMORY_MS && !this.awards.has(conversation);
        if (old || table.size > MAX_CONVERSATIONS) table.delete(conversation);
      }
    }
  }
}
