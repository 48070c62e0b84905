import type { AgentState } from './agent-state.ts';
import type { Goal } from './goal.ts';
import { abortIntention, endGoal } from './pursue.ts';

/** Drops goals that are achieved, whoever achieved them; maintained goals whose condition is broken become options again. */
export function dropSuccessfulAttitudes(state: AgentState): void {
  for (const goal of conditional(state)) {
    const { decl, args } = goal;
    if (decl.achieved === undefined) continue;
    const holds = decl.achieved(state.beliefs, args);
    if (decl.goal.kind === 'maintain') maintain(state, goal, holds);
    else if (holds) endGoal(state, goal, 'achieved', { ok: true, value: null }, 'it holds now');
  }
}

function maintain(state: AgentState, goal: Goal, holds: boolean): void {
  if (holds && goal.status === 'option') {
    goal.status = 'idle';
    state.options = state.options.filter((each) => each !== goal);
  } else if (!holds && goal.status === 'idle') {
    goal.status = 'option';
    state.options.push(goal);
    state.fresh = true;
  }
}

/** Drops goals that can no longer be reached, and suspends those that have become inhibited. */
export function dropImpossibleAttitudes(state: AgentState): void {
  for (const goal of conditional(state)) {
    const { decl, args } = goal;
    const why = decl.impossible?.(state.beliefs, args);
    if (why !== undefined) {
      endGoal(state, goal, 'impossible', { ok: false, error: why }, why);
      continue;
    }
    if (goal.status === 'pursued' && decl.inhibited !== undefined) {
      const inhibited = decl.inhibited(state.beliefs, args);
      if (inhibited === undefined || goal.intention === undefined) continue;
      abortIntention(state, goal.intention, inhibited);
      goal.intention = undefined;
      goal.status = 'option';
      state.options.push(goal);
      state.dirty = true;
    }
  }
}

function conditional(state: AgentState): readonly Goal[] {
  if (!state.model.hasConditions || state.goals.size === 0) return [];
  const found: Goal[] = [];
  for (const goal of state.goals.values()) {
    const { achieved, impossible, inhibited } = goal.decl;
    if (achieved !== undefined || impossible !== undefined || inhibited !== undefined) found.push(goal);
  }
  return found;
}
