import { findDeclaration } from './agent-model.ts';
import type { AgentState } from './agent-state.ts';
import { isActive, setAlarm, trace, traceLazily } from './agent-state.ts';
import type { GoalView, Option, PlanCandidate } from './capability.ts';
import type { Goal, GoalArgs, GoalType } from './goal.ts';
import type { Intention } from './intention.ts';
import { NOTHING } from './intention.ts';
import type { Plan } from './plan.ts';
import { definePlan, done, fail } from './plan.ts';
import { adoptGoal, endGoal, goalKey, makeReady } from './pursue.ts';
import type { Cause } from './trace.ts';
import type { PlanRow } from './trace-drafts.ts';
import { onlyPlanChosen, planChosen } from './trace-drafts.ts';

const AUCTION_GOAL: GoalType = { name: 'auction', kind: 'achieve', subjectOf: () => '' };
/** The plan of a goal that is put out to auction: the negotiation module bargains, its only step takes the result. */
export const AUCTION_PLAN: Plan = definePlan(AUCTION_GOAL, 'auction', {
  steps: { bargain: ({ result }) => (result.ok ? done(result.value) : fail(result.error)) },
});

/** O of every active capability: new goals, and goals no longer wanted. */
export function generateOptions(state: AgentState): void {
  state.dirty = false;
  const goals: GoalView = {
    has: (goal, subject) => findGoal(state, goal.name, subject) !== undefined,
    count: (goal) => countOf(state, goal.name),
  };
  for (const index of state.model.proposing) {
    const capability = state.model.capabilities[index];
    if (capability === undefined || state.active[index] !== true) continue;
    const options = capability.generateOptions?.(state.beliefs, goals, state.nowMs) ?? [];
    for (const option of options) takeOption(state, option, index);
  }
}

function takeOption(state: AgentState, option: Option, index: number): void {
  if (option.kind === 'drop') {
    const goal = findGoal(state, option.goal.name, option.subject);
    if (goal !== undefined) {
      endGoal(state, goal, 'dropped', { ok: false, error: option.reason }, option.reason);
    }
    return;
  }
  const capability = state.model.capabilities[index];
  const entry = findDeclaration(state.model, option.goal.name, (name) => isActive(state, name), capability);
  if (entry === undefined) return;
  const { goal } = option;
  if (state.goals.has(goalKey(goal.name, goal.subjectOf(option.args), entry.decl.auction !== undefined)))
    return;
  const because: Cause[] = option.from.map((key) => state.beliefs.byKey(key)?.cause ?? 0);
  adoptGoal(state, entry, option.args, option.priority, 0, because, option.reason);
}

function findGoal(state: AgentState, type: string, subject: string): Goal | undefined {
  return state.goals.get(goalKey(type, subject, false)) ?? state.goals.get(goalKey(type, subject, true));
}

function countOf(state: AgentState, goal: string): number {
  let count = 0;
  for (const each of state.goals.values()) if (each.decl.goal.name === goal) count++;
  return count;
}

/** F: which options the agent commits itself to now; the others stay options, and why is traced once. */
export function filterGoals(state: AgentState): Goal[] {
  state.fresh = false;
  const options = state.options;
  if (options.length === 0) return options;
  state.options = [];
  if (options.length > 1) options.sort((a, b) => b.priority - a.priority || a.id - b.id);
  const selected: Goal[] = [];
  for (const goal of options) {
    if (goal.status !== 'option') continue;
    if (holdsAlready(state, goal)) continue;
    const held = reasonToHold(state, goal);
    if (held === undefined) {
      goal.status = 'pursued';
      goal.heldBack = '';
      selected.push(goal);
      continue;
    }
    state.options.push(goal);
    if (goal.heldBack !== held.reason) {
      goal.heldBack = held.reason;
      if (state.sink !== undefined) {
        trace(state, [goal.cause], {
          kind: 'goal',
          goal: goal.key,
          goalId: `g${goal.id}`,
          status: held.status,
          priority: goal.priority,
          reason: held.reason,
        });
      }
    }
  }
  return selected;
}

/** What is achieved without anything being done for it is not pursued: a maintained goal rests, another one has ended. */
function holdsAlready(state: AgentState, goal: Goal): boolean {
  const { decl, args } = goal;
  if (decl.achieved === undefined || decl.goal.kind === 'perform') return false;
  if (!decl.achieved(state.beliefs, args)) return false;
  if (decl.goal.kind === 'maintain') goal.status = 'idle';
  else endGoal(state, goal, 'achieved', { ok: true, value: null }, 'it holds already');
  return true;
}

function reasonToHold(
  state: AgentState,
  goal: Goal,
): { status: 'deferred' | 'inhibited'; reason: string } | undefined {
  const { decl, capability } = goal;
  if (goal.notBeforeMs > state.nowMs) {
    return { status: 'deferred', reason: `backs off until ${goal.notBeforeMs} ms` };
  }
  const inhibited = decl.inhibited?.(state.beliefs, goal.args);
  if (inhibited !== undefined) return { status: 'inhibited', reason: inhibited };
  if (decl.cardinality !== undefined) {
    let pursued = 0;
    for (const each of state.goals.values()) {
      if (each.decl === decl && each.status === 'pursued') pursued++;
    }
    if (pursued >= decl.cardinality) {
      return { status: 'deferred', reason: `at most ${decl.cardinality} of ${decl.goal.name} at once` };
    }
  }
  const filter = state.model.filterGoals ?? capability.filterGoals;
  const verdict = filter?.(goal, state.beliefs);
  return verdict === undefined || verdict.pursue ? undefined : { status: 'deferred', reason: verdict.reason };
}

/** Turns selected goals into intentions: P picks the plan, or the goal goes out to auction. */
export function updateIntentions(state: AgentState, selected: readonly Goal[]): void {
  for (const goal of selected) intend(state, goal);
}

export function intend(state: AgentState, goal: Goal): void {
  const { decl, args } = goal;
  if (decl.auction !== undefined) {
    const intention = makeIntention(
      state,
      goal,
      AUCTION_PLAN,
      'nobody here can do it: put out to auction',
      [],
    );
    const token = ++state.lastToken;
    intention.token = token;
    intention.status = 'waiting';
    intention.waitsFor = 'auction';
    state.waiting.set(token, intention);
    if (state.negotiation === undefined || state.host === undefined) {
      fallBack(state, goal, 'the agent has no negotiation module');
      return;
    }
    state.negotiation.auction(token, decl.goal, args, decl.auction, intention.entry, state.host);
    return;
  }
  const plans = decl.plans ?? [];
  // The one plan there is needs no list of candidates in the trace.
  const listing = state.sink !== undefined && plans.length > 1;
  const rows: PlanRow[] = [];
  const candidates: PlanCandidate[] = [];
  for (const plan of plans) {
    const why = goal.excluded.includes(plan.name)
      ? 'has failed for this goal'
      : plan.unless?.(state.beliefs, args);
    if (why !== undefined) {
      if (state.sink !== undefined) rows.push({ plan: plan.name, applicable: false, cost: null, why });
      continue;
    }
    const cost = plan.cost?.(state.beliefs, args) ?? 0;
    candidates.push({ plan, cost });
    if (listing) rows.push({ plan: plan.name, applicable: true, cost, why: '' });
  }
  const select = state.model.selectPlan ?? goal.capability.selectPlan ?? cheapest;
  const chosen = candidates.length === 0 ? undefined : select(candidates, state.beliefs, goal);
  if (chosen === undefined) {
    const reason =
      candidates.length === 0
        ? rows.map((row) => `${row.plan}: ${row.why}`).join('; ') || 'no plan applies'
        : 'plan selection chose none';
    if (state.sink !== undefined) traceLazily(state, goal.cause, planChosen, goal.id, null, rows, reason);
    fallBack(state, goal, reason);
    return;
  }
  const intention = makeIntention(state, goal, chosen.plan, '', rows, chosen.cost);
  makeReady(state, intention);
}

/** P by default: the cheapest, the first stated on a tie. */
function cheapest(candidates: readonly PlanCandidate[]): PlanCandidate | undefined {
  let best: PlanCandidate | undefined;
  for (const candidate of candidates) if (best === undefined || candidate.cost < best.cost) best = candidate;
  return best;
}

function makeIntention(
  state: AgentState,
  goal: Goal,
  plan: Plan,
  reason: string,
  rows: readonly PlanRow[],
  cost = 0,
): Intention {
  const intention: Intention = {
    id: goal.id,
    goal,
    plan,
    step: plan.first,
    locals: EMPTY,
    result: NOTHING,
    token: 0,
    waitsFor: 'nothing',
    entry: goal.cause,
    readySinceMs: state.nowMs,
    status: 'ready',
    preempted: false,
  };
  goal.intention = intention;
  if (state.sink !== undefined) {
    const { cause } = goal;
    intention.entry =
      reason === '' && rows.length === 0
        ? traceLazily(state, cause, onlyPlanChosen, goal.id, plan.name, cost, null)
        : traceLazily(
            state,
            cause,
            planChosen,
            goal.id,
            plan.name,
            rows,
            reason || 'cheapest applicable plan',
          );
  }
  return intention;
}

const EMPTY: GoalArgs = {};

/** No plan is left: start over after a back-off if the goal allows it, else it has failed. */
export function fallBack(state: AgentState, goal: Goal, cause: string): void {
  const retry = goal.decl.retry;
  if (retry !== undefined && goal.retries < retry.times && goal.status !== 'ended') {
    const waitMs = retry.backoffMs * 2 ** goal.retries;
    goal.retries++;
    goal.excluded = [];
    goal.notBeforeMs = state.nowMs + waitMs;
    goal.status = 'option';
    const intention = goal.intention;
    if (intention !== undefined) {
      if (intention.token !== 0) state.waiting.delete(intention.token);
      intention.status = 'ended';
    }
    if (state.sink !== undefined) {
      trace(state, [intention?.entry ?? goal.cause], {
        kind: 'intention',
        intention: `i${goal.id}`,
        plan: intention?.plan.name ?? '',
        step: intention?.step ?? '',
        status: 'retrying',
        reason: `${cause}; retry ${goal.retries} of ${retry.times} in ${waitMs} ms`,
      });
    }
    goal.intention = undefined;
    state.options.push(goal);
    setAlarm(state, goal.notBeforeMs, { kind: 'retry' });
    return;
  }
  if (goal.intention !== undefined) goal.intention.status = 'ended';
  endGoal(state, goal, 'failed', { ok: false, error: cause }, cause);
}
