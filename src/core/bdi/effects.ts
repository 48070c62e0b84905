import { setActive } from './activation.ts';
import { findDeclaration } from './agent-model.ts';
import type { AgentState } from './agent-state.ts';
import { isActive, revise, traceLazily } from './agent-state.ts';
import type { Goal } from './goal.ts';
import type { Action, StepEffect } from './plan.ts';
import { adoptGoal } from './pursue.ts';
import type { Cause } from './trace.ts';
import { actionRequested } from './trace-drafts.ts';

/** Carries out what a step sets in motion without waiting. */
export function runEffects(
  state: AgentState,
  effects: readonly StepEffect[],
  goal: Goal,
  because: Cause,
): void {
  for (const effect of effects) {
    switch (effect.kind) {
      case 'act':
        act(state, effect.action, effect.reason, 0, because);
        break;
      case 'revise':
        revise(state, effect.revision, `agent:${goal.capability.name}`, because);
        break;
      case 'adopt': {
        const entry = findDeclaration(
          state.model,
          effect.goal.name,
          (name) => isActive(state, name),
          goal.capability,
        );
        if (entry !== undefined) {
          adoptGoal(state, entry, effect.args, effect.priority, 0, [because], effect.reason);
        }
        break;
      }
      case 'tell':
        if (state.host !== undefined) {
          state.negotiation?.tell(effect.receiver, effect.content, because, state.host);
        }
        break;
      case 'release':
        if (state.host !== undefined) {
          state.negotiation?.release(effect.award, effect.reason, because, state.host);
        }
        break;
      case 'activate':
      case 'deactivate':
        setActive(state, effect.capability, effect.kind === 'activate', effect.reason, [because]);
        break;
      default:
        effect satisfies never;
    }
  }
}

/** Asks the runtime for an action. */
export function act(
  state: AgentState,
  action: Action,
  reason: string,
  token: number,
  because: Cause,
): number {
  const entry =
    state.sink === undefined ? 0 : traceLazily(state, because, actionRequested, action, reason, null, null);
  state.effects.push({ kind: 'act', token, action, reason, entry });
  return entry;
}
