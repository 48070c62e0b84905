import type { GoalEntry } from './agent-model.ts';
import type { AgentState } from './agent-state.ts';
import { setAlarm, traceLazily } from './agent-state.ts';
import { runEffects } from './effects.ts';
import type { Goal, GoalArgs, GoalOutcome } from './goal.ts';
import type { Intention } from './intention.ts';
import { NOTHING } from './intention.ts';
import type { Cause } from './trace.ts';
import { goalEnded, goalGenerated, intentionStatus } from './trace-drafts.ts';

const NO_WAITERS: readonly number[] = [];

/** Takes up a goal as an option, or joins the one that the agent has about the same subject. Undefined: too many goals. */
export function adoptGoal(
  state: AgentState,
  entry: GoalEntry,
  args: GoalArgs,
  priority: number | undefined,
  waiter: number,
  because: Cause | readonly Cause[],
  reason: string,
): Goal | undefined {
  const { decl, capability } = entry;
  const subject = decl.goal.subjectOf(args);
  const key = goalKey(decl.goal.name, subject, decl.auction !== undefined);
  const same = state.goals.get(key);
  if (same !== undefined) {
    if (waiter !== 0) same.waiters = [...same.waiters, waiter];
    return same;
  }
  if (state.goals.size >= state.model.limits.goals) return undefined;
  const urgency = priority ?? decl.priority ?? 0;
  const id = ++state.lastGoal;
  const cause =
    state.sink === undefined ? 0 : traceLazily(state, because, goalGenerated, key, id, urgency, reason);
  const goal: Goal = {
    id,
    decl,
    capability,
    args,
    key,
    priority: urgency,
    createdMs: state.nowMs,
    deadlineMs: decl.deadlineMs === undefined ? Number.POSITIVE_INFINITY : state.nowMs + decl.deadlineMs,
    cause,
    waiters: waiter === 0 ? NO_WAITERS : [waiter],
    excluded: [],
    retries: 0,
    notBeforeMs: Number.NEGATIVE_INFINITY,
    status: 'option',
    intention: undefined,
    heldBack: '',
  };
  state.goals.set(key, goal);
  state.options.push(goal);
  state.fresh = true;
  state.counters.goalsAdopted++;
  if (decl.deadlineMs !== undefined) setAlarm(state, goal.deadlineMs, { kind: 'goal', goal });
  return goal;
}

/**
 * `type(subject)`. A goal that is put out to auction is another one than the same goal pursued by own plans: an agent may win
 * its own auction.
 */
export function goalKey(type: string, subject: string, auctioned: boolean): string {
  return auctioned ? `${type}(${subject}) at auction` : `${type}(${subject})`;
}

/** How a goal can end. */
export type EndStatus = 'achieved' | 'failed' | 'impossible' | 'expired' | 'dropped';

/** Ends a goal and everything begun for it, and answers those who wait for it. */
export function endGoal(
  state: AgentState,
  goal: Goal,
  status: EndStatus,
  outcome: GoalOutcome,
  reason: string,
  because: Cause = goal.intention?.entry ?? goal.cause,
): void {
  if (goal.status === 'ended') return;
  const intention = goal.intention;
  goal.status = 'ended';
  state.goals.delete(goal.key);
  if (state.options.length > 0) state.fresh = true;
  if (status === 'achieved') state.counters.goalsAchieved++;
  else state.counters.goalsFailed++;
  const entry =
    state.sink === undefined ? 0 : traceLazily(state, because, goalEnded, goal, status, reason, null);
  if (intention !== undefined && intention.status !== 'ended') abortIntention(state, intention, reason);
  goal.intention = undefined;
  for (const token of goal.waiters) answer(state, token, outcome, entry);
}

/** Gives a result to whoever holds the token: an intention of this agent, or its negotiation module. */
export function answer(state: AgentState, token: number, outcome: GoalOutcome, because: Cause): void {
  if (resolveToken(state, token, outcome, because)) return;
  if (state.negotiation !== undefined && state.host !== undefined) {
    state.negotiation.goalEnded(token, outcome, because, state.host);
  }
}

/** Resumes the intention that waits for a token at the step it had reached; false when none does. */
export function resolveToken(
  state: AgentState,
  token: number,
  outcome: GoalOutcome,
  because: Cause,
): boolean {
  const intention = state.waiting.get(token);
  if (intention === undefined) return false;
  state.waiting.delete(token);
  intention.token = 0;
  intention.waitsFor = 'nothing';
  intention.result = outcome;
  if (because !== 0) intention.entry = because;
  makeReady(state, intention);
  return true;
}

/** Ready intentions are run in order of priority; each point weighs as much as `ageingMs` of waiting. */
export function makeReady(state: AgentState, intention: Intention): void {
  intention.status = 'ready';
  intention.readySinceMs = state.nowMs;
  state.agenda.push(state.nowMs / state.model.limits.ageingMs - intention.goal.priority, intention);
}

/** Stops an intention half-way: sets right what its plan says, and calls back what it waits for. */
export function abortIntention(state: AgentState, intention: Intention, reason: string): void {
  const { token, waitsFor, plan, goal } = intention;
  intention.status = 'ended';
  if (waitsFor === 'guard') state.guarded = state.guarded.filter((each) => each !== intention);
  if (token !== 0) {
    state.waiting.delete(token);
    if (waitsFor === 'act') state.effects.push({ kind: 'abort', token, reason });
    else if (waitsFor === 'auction' || waitsFor === 'request') {
      if (state.host !== undefined) state.negotiation?.abort(token, reason, state.host);
    } else if (waitsFor === 'pursue') dropSubgoal(state, token, reason);
  }
  if (state.sink !== undefined) {
    const { entry, step } = intention;
    intention.entry = traceLazily(state, entry, intentionStatus, intention, step, 'aborted', reason);
  }
  const effects = plan.onAbort?.({
    self: state.id,
    args: goal.args,
    beliefs: state.beliefs,
    locals: intention.locals,
    result: NOTHING,
    nowMs: state.nowMs,
    goal,
  });
  if (effects !== undefined) runEffects(state, effects, goal, intention.entry);
}

/** A subgoal that nobody else waits for goes with the intention that wanted it. */
function dropSubgoal(state: AgentState, token: number, reason: string): void {
  for (const goal of state.goals.values()) {
    if (!goal.waiters.includes(token)) continue;
    goal.waiters = goal.waiters.filter((each) => each !== token);
    if (goal.waiters.length === 0) endGoal(state, goal, 'dropped', { ok: false, error: reason }, reason);
    return;
  }
}
