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
  if (index === undefined) return false;
  if (state.active[index] === active) {
    if (active) state.retiring?.delete(index);
    return false;
  }
  state.active[index] = active;
  state.retiring?.delete(index);
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

/** Has a capability deactivated once it has no goal left. */
export function retireWhenIdle(
  state: AgentState,
  capability: string,
  reason: string,
  because: readonly Cause[],
): void {
  const index = state.model.byName.get(capability);
  if (index === undefined || state.active[index] !== true) return;
  state.retiring ??= new Map();
  state.retiring.set(index, { reason, because });
}

/** Deactivates the retiring capabilities that have nothing left to do. */
export function retireIdle(state: AgentState): void {
  if (state.retiring === undefined || state.dirty) return;
  for (const [index, { reason, because }] of state.retiring) {
    const name = state.model.capabilities[index]?.name;
    if (name === undefined) continue;
    const busy = [...state.goals.values()].some((goal) => goal.capability.name === name);
    if (!busy) setActive(state, name, false, reason, because);
  }
}
