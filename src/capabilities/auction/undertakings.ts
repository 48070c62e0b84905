import type { GoalArgs, GoalOutcome } from '../../core/bdi/goal.ts';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { ConversationMemory } from '../../core/negotiation/conversations.ts';
import { Conversations } from '../../core/negotiation/conversations.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import type { ParticipantOutput, ParticipantSnapshot } from '../../core/negotiation/participant.ts';
import { handlingOfEnded, Participant } from '../../core/negotiation/participant.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import { CfpSchema } from '../../protocol/contract-net.ts';
import type { AuctionOptions } from './auction-module.ts';
import type { Awards } from './awards.ts';
import { work } from './work-out-bid.ts';

/** How long a bid binds beyond the deadline for bids: a winner that fails is then followed by the next best. */
const VALIDITY_MS = 30_000;
/** Priority of a goal that was won. */
const WON_PRIORITY = 5;

interface Undertaking {
  readonly machine: Participant;
  readonly capability: string;
  goalToken: number;
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
    const { bid, capability, because } = work(cfp, host, this.#options, this.#awards.countHeld());
    const machine = new Participant(message, cfp);
    const cause = !host.tracing
      ? 0
      : host.trace([entry, ...because], {
          kind: 'bid',
          auction: message.conversationId,
          goal: cfp.goal.type,
          verdict: bid.kind,
          price: bid.kind === 'propose' ? bid.price : null,
          parts: [...bid.parts],
          reason: bid.kind === 'refuse' ? bid.reason : `can do ${cfp.goal.type}`,
        });
    const begun: Undertaking = {
      machine,
      capability,
      goalToken: 0,
      takesOver: undefined,
      entry: cause,
      over: false,
    };
    const out: ParticipantOutput[] = [];
    const { sealing } = this.#options;
    const seal = sealing === undefined ? undefined : { self: host.self, sealing };
    machine.answer(bid, (message.replyByMs ?? host.nowMs) + VALIDITY_MS, out, seal);
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
      if (begun.goalToken !== 0) this.#byToken.set(begun.goalToken, begun);
    }
    table.recall(memory);
    this.#needed = new Map(needed.map(([capability, conversations]) => [capability, new Set(conversations)]));
  }

  /** A goal begun for somebody has ended; false: it is none of these. */
  goalEnded(token: number, outcome: GoalOutcome, because: Cause, host: NegotiationHost): boolean {
    const begun = this.#byToken?.get(token);
    if (begun === undefined) return false;
    this.#byToken?.delete(token);
    begun.goalToken = 0;
    begun.entry = because || begun.entry;
    const { machine } = begun;
    const out: ParticipantOutput[] = [];
    if (outcome.ok) {
      const { standing, goal } = machine.cfp;
      if (standing !== undefined && machine.state === 'executing') {
        const { conversationId, initiator } = machine;
        this.#awards.hold(conversationId, goal, initiator, standing.leaseMs, begun.entry, host);
      }
      machine.completed(outcome.value, out);
    } else machine.failed(outcome.error, out);
    this.#carryOut(begun, out, host);
    return true;
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
          this.#execute(begun, host);
          break;
        case 'stop':
          if (begun.goalToken !== 0) {
            this.#byToken?.delete(begun.goalToken);
            host.abandon(begun.goalToken, output.reason);
          }
          begun.goalToken = 0;
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

  #execute(begun: Undertaking, host: NegotiationHost): void {
    const { machine, capability, takesOver } = begun;
    const { goal } = machine.cfp;
    this.#activate(begun, host);
    const entry = host.model.goals.get(goal.type)?.find((each) => each.capability.name === capability);
    const args: GoalArgs = {
      ...goal.args,
      award: machine.conversationId,
      initiator: machine.initiator,
      ...(takesOver === undefined ? {} : { takesOver }),
    };
    const token = entry === undefined ? 0 : host.pursue(entry.decl.goal, args, WON_PRIORITY, begun.entry);
    begun.goalToken = token;
    if (token !== 0) {
      this.#byToken ??= new Map();
      this.#byToken.set(token, begun);
      return;
    }
    const out: ParticipantOutput[] = [];
    machine.failed('the goal could not be taken up', out);
    this.#carryOut(begun, out, host);
  }

  #activate({ capability, machine, entry }: Undertaking, host: NegotiationHost): void {
    const needed = this.#needed?.get(capability);
    if (needed !== undefined) needed.add(machine.conversationId);
    else if (!host.isActive(capability) || host.isRetiring(capability)) {
      this.#needed ??= new Map();
      this.#needed.set(capability, new Set([machine.conversationId]));
    }
    host.activate(capability, `won ${machine.cfp.goal.type}`, [entry]);
  }
}
