import { findOffer } from '../../core/bdi/agent-model.ts';
import type { GoalArgs, GoalOutcome } from '../../core/bdi/goal.ts';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { ConversationMemory } from '../../core/negotiation/conversations.ts';
import { Conversations } from '../../core/negotiation/conversations.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import type { ParticipantOutput, ParticipantSnapshot } from '../../core/negotiation/participant.ts';
import { handlingOfEnded, Participant } from '../../core/negotiation/participant.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { AuctionedGoal } from '../../protocol/contract-net.ts';
import { CfpSchema } from '../../protocol/contract-net.ts';
import type { Json } from '../../protocol/journal.ts';
import type { AuctionOptions } from './auction-module.ts';
import type { Awards } from './awards.ts';
import { bundleOffers } from './bundle-offers.ts';
import { bidDraft, bundleBidDraft } from './traced-bids.ts';
import { assumedNow, work } from './work-out-bid.ts';

/** How long a bid binds beyond the deadline for bids: a winner that fails is then followed by the next best. */
const VALIDITY_MS = 30_000;
/** No bid binds longer than this, whatever the cfp asks. */
const LONGEST_MS = 600_000;
/** Bids and work open at a time: beyond it cfps are refused, so that nobody can fill an agent's memory with them. */
const MAX_OPEN = 1024;
/** Priority of a goal that was won. */
const WON_PRIORITY = 5;

interface Undertaking {
  readonly machine: Participant;
  readonly capability: string;
  /** Goals that it has begun for it: one, or those of a bundle that it has won. */
  goalTokens: number[];
  /** Results of a bundle's goals, by their tokens. */
  results: readonly (readonly [number, Json])[];
  takesOver: string | undefined;
  entry: Cause;
  /** Its conversation has ended and is only remembered. */
  over: boolean;
}

export interface UndertakingsSnapshot {
  readonly undertakings: readonly (Omit<Undertaking, 'machine'> & {
    readonly machine: ParticipantSnapshot;
  })[];
  readonly memory: ConversationMemory | undefined;
  readonly needed: readonly (readonly [string, readonly string[]])[];
}

/** What this agent has bid for, won and is working on for others. */
export class Undertakings {
  readonly #options: AuctionOptions;
  readonly #awards: Awards;
  #table: Conversations<Undertaking> | undefined;
  #byToken: Map<number, Undertaking> | undefined;
  /** Capabilities that were activated to keep a promise, and for which conversations they are still needed. */
  #needed: Map<string, Set<string>> | undefined;

  constructor(options: AuctionOptions, awards: Awards) {
    this.#options = options;
    this.#awards = awards;
  }

  nextDeadlineMs(): number {
    // A participant's deadline is the last moment at which it still binds.
    return (this.#table?.earliestMs() ?? Number.POSITIVE_INFINITY) + 1;
  }

  onMessage(message: AclMessage, entry: number, host: NegotiationHost): Handling | 'unknown-conversation' {
    const begun = this.#table?.get(message.conversationId);
    if (begun === undefined) {
      const peer = this.#table?.droppedPeer(message.conversationId);
      if (peer !== undefined) return handlingOfEnded(message, peer);
      return message.performative === 'cfp' ? this.#bid(message, entry, host) : 'unknown-conversation';
    }
    const out: ParticipantOutput[] = [];
    const handling = begun.machine.onMessage(message, host.nowMs, out);
    if (handling === 'handled') begun.entry = entry || begun.entry;
    this.#carryOut(begun, out, host);
    return handling;
  }

  #bid(message: AclMessage, entry: number, host: NegotiationHost): Handling {
    const parsed = CfpSchema.safeParse(message.content);
    if (!parsed.success) return 'malformed';
    this.#table ??= new Conversations();
    this.#table.forget(host.nowMs, (award) => this.#awards.has(award));
    const cfp = parsed.data;
    const machine = new Participant(message, cfp);
    const out: ParticipantOutput[] = [];
    const replyByMs = Math.min(message.replyByMs ?? host.nowMs, host.nowMs + LONGEST_MS);
    const validUntilMs = replyByMs + VALIDITY_MS;
    const held = this.#awards.countHeld();
    let capability = '';
    let cause: Cause = entry;
    if (this.#table.open >= MAX_OPEN) {
      machine.answer({ kind: 'refuse', reason: 'too many bids are open', parts: [] }, validUntilMs, out);
    } else if (cfp.bundle !== undefined) {
      const { offers, leftOut } = bundleOffers(cfp, cfp.bundle, host, this.#options, held);
      if (host.tracing) cause = host.trace([entry], bundleBidDraft(message, cfp.bundle, offers, leftOut));
      machine.answerBundle(offers, leftOut, validUntilMs, out);
    } else {
      const worked = work(cfp, host, this.#options, assumedNow(host, held));
      capability = worked.capability;
      if (host.tracing) cause = host.trace([entry], bidDraft(message, cfp, worked.bid));
      const { sealing } = this.#options;
      const seal = sealing === undefined ? undefined : { self: host.self, sealing };
      machine.answer(worked.bid, validUntilMs, out, seal);
    }
    const begun: Undertaking = {
      machine,
      capability,
      goalTokens: [],
      results: [],
      takesOver: undefined,
      entry: cause,
      over: false,
    };
    this.#table.add(message.conversationId, begun, machine.deadlineMs);
    this.#carryOut(begun, out, host);
    return 'handled';
  }

  onTime(host: NegotiationHost): void {
    for (const begun of this.#table?.due(host.nowMs - 1) ?? []) {
      const out: ParticipantOutput[] = [];
      begun.machine.onTime(host.nowMs, out);
      this.#carryOut(begun, out, host);
    }
  }

  snapshot(): UndertakingsSnapshot {
    const table = this.#table;
    return {
      undertakings: [...(table?.values() ?? [])].map(({ machine, ...rest }) => ({
        ...rest,
        machine: machine.snapshot(),
      })),
      memory: table?.memory(),
      needed: [...(this.#needed ?? [])].map(([capability, conversations]) => [
        capability,
        [...conversations],
      ]),
    };
  }

  restore({ undertakings, memory, needed }: UndertakingsSnapshot): void {
    if (memory === undefined) return;
    const table = new Conversations<Undertaking>();
    this.#table = table;
    this.#byToken = new Map();
    for (const { machine: from, ...rest } of undertakings) {
      const machine = Participant.restore(from);
      const begun: Undertaking = { ...rest, machine };
      table.add(from.conversationId, begun, begun.over ? Number.POSITIVE_INFINITY : machine.deadlineMs);
      for (const token of begun.goalTokens) this.#byToken.set(token, begun);
    }
    table.recall(memory);
    this.#needed = new Map(needed.map(([capability, conversations]) => [capability, new Set(conversations)]));
  }

  /** A goal begun for somebody has ended; false: it is none of these. */
  goalEnded(token: number, outcome: GoalOutcome, because: Cause, host: NegotiationHost): boolean {
    const begun = this.#byToken?.get(token);
    if (begun === undefined) return false;
    this.#byToken?.delete(token);
    begun.goalTokens = begun.goalTokens.filter((each) => each !== token);
    begun.entry = because || begun.entry;
    const { machine } = begun;
    const out: ParticipantOutput[] = [];
    if (!outcome.ok) {
      this.#stop(begun, outcome.error, host);
      machine.failed(outcome.error, out);
    } else if (machine.cfp.bundle !== undefined) {
      begun.results = [...begun.results, [token, outcome.value]];
      // In the order in which they were begun, which is that of the goals.
      const results = [...begun.results].sort(([a], [b]) => a - b).map(([, value]) => value);
      if (begun.goalTokens.length === 0) machine.completed(results, out);
    } else {
      const { standing, goal } = machine.cfp;
      if (standing !== undefined && machine.state === 'executing') {
        const { conversationId, initiator } = machine;
        this.#awards.hold(conversationId, goal, initiator, standing.leaseMs, begun.entry, host);
      }
      machine.completed(outcome.value, out);
    }
    this.#carryOut(begun, out, host);
    return true;
  }

  /** Gives up what it has begun for a conversation. */
  #stop(begun: Undertaking, reason: string, host: NegotiationHost): void {
    const tokens = begun.goalTokens;
    begun.goalTokens = [];
    for (const token of tokens) {
      this.#byToken?.delete(token);
      host.abandon(token, reason);
    }
  }

  /** A role is over: what was activated for it alone is deactivated once it has cleaned up after itself. */
  awardEnded(award: string, host: NegotiationHost, because: Cause): void {
    for (const [capability, conversations] of this.#needed ?? []) {
      if (!conversations.delete(award) || conversations.size > 0) continue;
      this.#needed?.delete(capability);
      host.deactivateWhenIdle(capability, 'no role needs it any more', [because]);
    }
  }

  #carryOut(begun: Undertaking, out: readonly ParticipantOutput[], host: NegotiationHost): void {
    const { machine } = begun;
    for (const output of out) {
      switch (output.kind) {
        case 'send':
          host.send(output.message, [begun.entry]);
          break;
        case 'execute':
          begun.takesOver = output.takesOver;
          this.#execute(begun, output.goals, host);
          break;
        case 'stop':
          this.#stop(begun, output.reason, host);
          break;
        default:
          output satisfies never;
      }
    }
    if (machine.state !== 'ended') this.#table?.setDeadline(begun, machine.deadlineMs);
    else if (!begun.over) {
      begun.over = true;
      const { conversationId, initiator } = machine;
      if (machine.acceptMessage !== '') this.#table?.end(conversationId, begun, host.nowMs);
      else this.#table?.drop(conversationId, begun, initiator, host.nowMs);
      if (!this.#awards.has(machine.conversationId)) {
        this.awardEnded(machine.conversationId, host, begun.entry);
      }
    }
  }

  #execute(begun: Undertaking, numbers: readonly number[] | undefined, host: NegotiationHost): void {
    const { machine } = begun;
    const { goal, bundle } = machine.cfp;
    const goals = bundle === undefined ? [goal] : (numbers ?? []).map((number) => bundle[number]);
    const begins = goals.map((each) => (each === undefined ? 0 : this.#begin(begun, each, host)));
    if (begins.length > 0 && begins.every((token) => token !== 0)) return;
    this.#stop(begun, 'another goal of the same bundle could not be taken up', host);
    const out: ParticipantOutput[] = [];
    machine.failed('the goal could not be taken up', out);
    this.#carryOut(begun, out, host);
  }

  /** Takes up a goal that was won; 0: it cannot be. */
  #begin(begun: Undertaking, goal: AuctionedGoal, host: NegotiationHost): number {
    const { machine, takesOver } = begun;
    const capability = begun.capability || (findOffer(host.model, goal.type)?.capability.name ?? '');
    this.#activate(capability, goal.type, begun, host);
    const entry = host.model.goals.get(goal.type)?.find((each) => each.capability.name === capability);
    const args: GoalArgs = {
      ...goal.args,
      award: machine.conversationId,
      initiator: machine.initiator,
      ...(takesOver === undefined ? {} : { takesOver }),
    };
    const token = entry === undefined ? 0 : host.pursue(entry.decl.goal, args, WON_PRIORITY, begun.entry);
    if (token === 0) return 0;
    begun.goalTokens.push(token);
    this.#byToken ??= new Map();
    this.#byToken.set(token, begun);
    return token;
  }

  #activate(capability: string, goal: string, { machine, entry }: Undertaking, host: NegotiationHost): void {
    const needed = this.#needed?.get(capability);
    if (needed !== undefined) needed.add(machine.conversationId);
    else if (!host.isActive(capability) || host.isRetiring(capability)) {
      this.#needed ??= new Map();
      this.#needed.set(capability, new Set([machine.conversationId]));
    }
    host.activate(capability, `won ${goal}`, [entry]);
  }
}
