import type { AgentState } from './agent-state.ts';
import { trace } from './agent-state.ts';
import { endGoal } from './pursue.ts';
import type { Cause } from './trace.ts';

/** Activates or deactivates a capability that the agent knows. False: it does not know it, or nothing has changed. */
export function setActive(
  state: AgentState,
  capability: string,
  active: boolean,
  reason: string,
  because: readonly Cause[],
): boolean {
  const index = state.model.byName.get(capability);
  if (index === undefined || state.active[index] === active) return false;
  state.active[index] = active;
  state.dirty = true;
  if (state.sink !== undefined) {
    trace(state, because, {
      kind: 'capability',
      capability,
      status: active ? 'activated' : 'deactivated',
      reason,
    });
  }
  if (!active) {
    for (const goal of [...state.goals.values()]) {
      if (goal.capability.name !== capability) continue;
      const why = `capability ${capability} is deactivated`;
      endGoal(state, goal, 'dropped', { ok: false, error: why }, why);
    }
  }
  return true;
}
