import { setActive } from './activation.ts';
import { findDeclaration } from './agent-model.ts';
import type { AgentState } from './agent-state.ts';
import { isActive, revise, trace, traceLazily } from './agent-state.ts';
import type { NegotiationHost } from './negotiation-module.ts';
import { perceive } from './perception.ts';
import { adoptGoal, endGoal, resolveToken } from './pursue.ts';
import { messageSent } from './trace-drafts.ts';

/** The engine as its negotiation module sees it. */
export function createHost(state: AgentState): NegotiationHost {
  return {
    self: state.id,
    get nowMs() {
      return state.nowMs;
    },
    model: state.model,
    beliefs: state.beliefs,
    get tracing() {
      return state.sink !== undefined;
    },
    isActive: (capability) => isActive(state, capability),
    activate: (capability, reason, because) =>
      setActive(state, capability, true, reason, because) || isActive(state, capability),
    deactivate: (capability, reason, because) => {
      setActive(state, capability, false, reason, because);
    },
    send: (draft, because) => {
      state.counters.sent++;
      const id =
        state.sink === undefined
          ? ++state.lastEntry
          : traceLazily(state, because, messageSent, draft, null, null, null);
      const messageId = `${state.id}:${id}`;
      state.effects.push({
        kind: 'send',
        message: { ...draft, sender: state.id, messageId, ontology: 'muster' },
      });
      return messageId;
    },
    resolve: (token, outcome, because) => {
      resolveToken(state, token, outcome, because);
    },
    pursue: (goal, args, priority, because) => {
      const token = ++state.lastToken;
      const entry = findDeclaration(state.model, goal.name, (name) => isActive(state, name));
      const adopted =
        entry === undefined
          ? undefined
          : adoptGoal(state, entry, args, priority, token, [because], 'won at auction');
      return adopted === undefined ? 0 : token;
    },
    abandon: (token, reason) => {
      for (const goal of state.goals.values()) {
        if (!goal.waiters.includes(token)) continue;
        goal.waiters = goal.waiters.filter((each) => each !== token);
        if (goal.waiters.length === 0) endGoal(state, goal, 'dropped', { ok: false, error: reason }, reason);
        return;
      }
    },
    perceive: (topic, subject, value, because) => {
      perceive(state, { kind: 'percept', topic, subject, value }, because);
    },
    revise: (revision, source, because) => revise(state, revision, source, because),
    trace: (because, draft) => (state.sink === undefined ? 0 : trace(state, because, draft)),
  };
}
