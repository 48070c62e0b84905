import type { GoalOutcome } from '../../core/bdi/goal.ts';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import { Deadlines } from '../../core/negotiation/deadlines.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import { AuctionedGoalSchema, FailureSchema, InformSchema } from '../../protocol/contract-net.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';

interface Asked {
  readonly conversation: string;
  readonly token: number;
  readonly receiver: AgentId;
  readonly deadlineMs: number;
}

interface Serving {
  readonly goalToken: number;
  readonly conversation: string;
  readonly sender: AgentId;
  readonly messageId: string;
}

export interface RequestsSnapshot {
  readonly asked: readonly Asked[];
  readonly serving: readonly Serving[];
}

/** FIPA Request (SC00026H) within a standing award: a goal is asked of one agent, and its end is informed. */
export class Requests {
  readonly #asked = new Map<string, Asked>();
  readonly #until = new Deadlines<Asked>();
  readonly #serving = new Map<number, Serving>();

  open(
    token: number,
    receiver: AgentId,
    content: Json,
    withinMs: number,
    because: Cause,
    host: NegotiationHost,
  ): void {
    const conversationId = conversationOf(host.self, token);
    const deadlineMs = host.nowMs + withinMs;
    this.#add({ conversation: conversationId, token, receiver, deadlineMs });
    host.send(
      {
        performative: 'request',
        receiver,
        conversationId,
        replyByMs: deadlineMs,
        protocol: 'fipa-request',
        content,
      },
      [because],
    );
  }

  onMessage(message: AclMessage, entry: number, host: NegotiationHost): Handling | 'unknown-conversation' {
    if (message.performative === 'request') return this.#serve(message, entry, host);
    const asked = this.#asked.get(message.conversationId);
    if (asked === undefined) return 'unknown-conversation';
    if (asked.receiver !== message.sender) return 'wrong-sender';
    if (message.performative === 'inform') {
      const parsed = InformSchema.safeParse(message.content);
      this.#remove(asked);
      const outcome: GoalOutcome = parsed.success
        ? { ok: true, value: parsed.data.result }
        : { ok: false, error: 'its answer could not be read' };
      host.resolve(asked.token, outcome, entry);
      return parsed.success ? 'handled' : 'malformed';
    }
    if (
      message.performative === 'failure' ||
      message.performative === 'refuse' ||
      message.performative === 'not-understood'
    ) {
      const parsed = FailureSchema.safeParse(message.content);
      this.#remove(asked);
      host.resolve(
        asked.token,
        { ok: false, error: parsed.success ? parsed.data.reason : message.performative },
        entry,
      );
      return 'handled';
    }
    return 'wrong-state';
  }

  #serve(message: AclMessage, entry: number, host: NegotiationHost): Handling {
    const parsed = AuctionedGoalSchema.safeParse(message.content);
    if (!parsed.success) return 'malformed';
    const { type, args } = parsed.data;
    const offered = host.model.goals
      .get(type)
      ?.find((each) => each.decl.plans !== undefined && host.isActive(each.capability.name));
    const token =
      offered === undefined
        ? 0
        : host.pursue(offered.decl.goal, { ...args, initiator: message.sender }, 5, entry);
    if (token === 0) {
      this.#answer(message, 'refuse', { reason: `${type} is not done here`, parts: [] }, entry, host);
      return 'handled';
    }
    const { conversationId: conversation, sender, messageId } = message;
    this.#serving.set(token, { goalToken: token, conversation, sender, messageId });
    return 'handled';
  }

  goalEnded(token: number, outcome: GoalOutcome, because: Cause, host: NegotiationHost): void {
    const serving = this.#serving.get(token);
    if (serving === undefined) return;
    this.#serving.delete(token);
    const { conversation: conversationId, sender, messageId } = serving;
    const to = { conversationId, sender, messageId };
    if (outcome.ok) this.#answer(to, 'inform', { result: outcome.value }, because, host);
    else this.#answer(to, 'failure', { reason: outcome.error }, because, host);
  }

  #answer(
    to: Pick<AclMessage, 'conversationId' | 'sender' | 'messageId'>,
    performative: 'inform' | 'failure' | 'refuse',
    content: Json,
    because: Cause,
    host: NegotiationHost,
  ): void {
    host.send(
      {
        performative,
        receiver: to.sender,
        conversationId: to.conversationId,
        inReplyTo: to.messageId,
        protocol: 'fipa-request',
        content,
      },
      [because],
    );
  }

  snapshot(): RequestsSnapshot {
    return { asked: [...this.#asked.values()], serving: [...this.#serving.values()] };
  }

  restore({ asked, serving }: RequestsSnapshot): void {
    for (const each of asked) this.#add(each);
    for (const each of serving) this.#serving.set(each.goalToken, each);
  }

  /** Nobody waits for the answer any more. */
  abort(token: number, self: AgentId): void {
    const asked = this.#asked.get(conversationOf(self, token));
    if (asked !== undefined) this.#remove(asked);
  }

  onTime(host: NegotiationHost): void {
    for (const asked of this.#until.due(host.nowMs)) {
      this.#remove(asked);
      host.resolve(asked.token, { ok: false, error: `${asked.receiver} has not answered in time` }, 0);
    }
  }

  /** Infinity: nothing is asked. */
  nextDeadlineMs(): number {
    return this.#until.earliestMs();
  }

  #add(asked: Asked): void {
    this.#asked.set(asked.conversation, asked);
    this.#until.set(asked, asked.deadlineMs);
  }

  #remove(asked: Asked): void {
    this.#asked.delete(asked.conversation);
    this.#until.delete(asked);
  }
}

function conversationOf(self: AgentId, token: number): string {
  return `${self}.r${token}`;
}
