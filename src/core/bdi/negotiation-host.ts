import type { AclMessage, MessageDraft } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { retireWhenIdle, setActive } from './activation.ts';
import type { AgentModel } from './agent-model.ts';
import { findDeclaration } from './agent-model.ts';
import type { AgentState } from './agent-state.ts';
import { isActive, revise, trace, traceLazily } from './agent-state.ts';
import type { Revision } from './belief.ts';
import type { BeliefView } from './belief-base.ts';
import type { GoalArgs, GoalOutcome, GoalType } from './goal.ts';
import type { NegotiationHost } from './negotiation-module.ts';
import { perceive } from './perception.ts';
import { adoptGoal, endGoal, resolveToken } from './pursue.ts';
import type { Cause, TraceDraft } from './trace.ts';
import { messageSent } from './trace-drafts.ts';

/** The engine as its negotiation module sees it. */
export class EngineHost implements NegotiationHost {
  readonly #state: AgentState;

  constructor(state: AgentState) {
    this.#state = state;
  }

  get self(): AgentId {
    return this.#state.id;
  }
  get nowMs(): number {
    return this.#state.nowMs;
  }
  get model(): AgentModel {
    return this.#state.model;
  }
  get beliefs(): BeliefView {
    return this.#state.beliefs;
  }
  get lastTokenBefore(): number {
    return this.#state.lastTokenBefore;
  }
  get tracing(): boolean {
    return this.#state.sink !== undefined;
  }

  isActive(capability: string): boolean {
    return isActive(this.#state, capability);
  }

  isRetiring(capability: string): boolean {
    const index = this.#state.model.byName.get(capability);
    return index !== undefined && this.#state.retiring?.has(index) === true;
  }

  activate(capability: string, reason: string, because: readonly Cause[]): boolean {
    return setActive(this.#state, capability, true, reason, because) || isActive(this.#state, capability);
  }

  deactivateWhenIdle(capability: string, reason: string, because: readonly Cause[]): void {
    retireWhenIdle(this.#state, capability, reason, because);
  }

  send(draft: MessageDraft, because: readonly Cause[]): string {
    const state = this.#state;
    state.counters.sent++;
    const id =
      state.sink === undefined
        ? ++state.lastEntry
        : traceLazily(state, because, messageSent, draft, null, null, null);
    const messageId = `${state.id}:${id}`;
    // Field by field, so that messages of all kinds have one shape: this is the hottest line of bargaining.
    const { performative, receiver, conversationId, protocol, content, inReplyTo, replyByMs } = draft;
    const message: AclMessage = {
      performative,
      sender: state.id,
      receiver,
      conversationId,
      messageId,
      protocol,
      ontology: 'muster',
      content,
    };
    if (inReplyTo !== undefined) message.inReplyTo = inReplyTo;
    if (replyByMs !== undefined) message.replyByMs = replyByMs;
    state.effects.push({ kind: 'send', message });
    return messageId;
  }

  resolve(token: number, outcome: GoalOutcome, because: Cause): void {
    resolveToken(this.#state, token, outcome, because);
  }

  pursue(goal: GoalType, args: GoalArgs, priority: number, because: Cause): number {
    const state = this.#state;
    const token = ++state.lastToken;
    const entry = findDeclaration(state.model, goal.name, (name) => isActive(state, name));
    if (entry === undefined) return 0;
    const adopted = adoptGoal(state, entry, args, priority, token, because, 'won at auction');
    return adopted === undefined ? 0 : token;
  }

  abandon(token: number, reason: string): void {
    for (const goal of this.#state.goals.values()) {
      if (!goal.waiters.includes(token)) continue;
      goal.waiters = goal.waiters.filter((each) => each !== token);
      if (goal.waiters.length > 0) return;
      endGoal(this.#state, goal, 'dropped', { ok: false, error: reason }, reason);
      return;
    }
  }

  perceive(topic: string, subject: string, value: unknown, because: Cause): void {
    perceive(this.#state, { kind: 'percept', topic, subject, value }, because);
  }

  revise(revision: Revision, source: string, because: Cause): void {
    revise(this.#state, revision, source, because);
  }

  trace(because: readonly Cause[], draft: TraceDraft): number {
    return this.#state.sink === undefined ? 0 : trace(this.#state, because, draft);
  }
}
