import { findDeclaration } from './agent-model.ts';
import type { AgentState } from './agent-state.ts';
import { isActive, setAlarm, traceLazily } from './agent-state.ts';
import { fallBack, intend } from './deliberation.ts';
import { act, runEffects } from './effects.ts';
import type { GoalArgs } from './goal.ts';
import type { Intention } from './intention.ts';
import { NOTHING } from './intention.ts';
import type { Awaited, StepContext, StepOutcome } from './plan.ts';
import { adoptGoal, answer, endGoal, makeReady } from './pursue.ts';
import { intentionStatus } from './trace-drafts.ts';

/** Runs steps of ready intentions, most urgent first, until the slice of this cycle is used up. */
export function execute(state: AgentState): void {
  if (state.guarded.length > 0) openGuards(state);
  for (let left = state.model.limits.stepsPerCycle; left > 0; left--) {
    const intention = state.agenda.pop();
    if (intention === undefined) return;
    if (intention.status !== 'ready') {
      left++;
      continue;
    }
    notePreemption(state, intention);
    runStep(state, intention);
    if (state.dirty && state.guarded.length > 0) openGuards(state);
  }
}

/** An intention that could go on but was passed over is traced as preempted, and as resumed when its turn comes. */
function notePreemption(state: AgentState, intention: Intention): void {
  const last = state.lastRun;
  state.lastRun = intention;
  if (state.sink === undefined) return;
  if (intention.preempted) {
    intention.preempted = false;
    traceStatus(state, intention, 'resumed', `goes on at step ${intention.step}`);
  }
  if (last === undefined || last === intention || last.status !== 'ready') return;
  if (last.goal.priority >= intention.goal.priority || last.step === last.plan.first) return;
  if (last.preempted) return;
  last.preempted = true;
  traceStatus(state, last, 'preempted', `${intention.goal.key} is more urgent`);
}

function runStep(state: AgentState, intention: Intention): void {
  state.counters.steps++;
  const { plan, goal } = intention;
  const context: StepContext = {
    self: state.id,
    args: goal.args,
    beliefs: state.beliefs,
    locals: intention.locals,
    result: intention.result,
    nowMs: state.nowMs,
    goal,
  };
  let outcome: StepOutcome;
  try {
    const step = plan.steps[intention.step];
    outcome = step === undefined ? { do: 'fail', cause: `no step ${intention.step}` } : step(context);
  } catch (error) {
    outcome = { do: 'fail', cause: `step ${intention.step} threw: ${String(error)}` };
  }
  intention.result = NOTHING;
  if (outcome.effects !== undefined) runEffects(state, outcome.effects, goal, intention.entry);
  // An effect may have ended the goal, and the intention with it.
  if (goal.status === 'ended') return;
  switch (outcome.do) {
    case 'next':
      if (outcome.locals !== undefined) intention.locals = outcome.locals;
      intention.step = outcome.step;
      makeReady(state, intention);
      return;
    case 'await':
      if (outcome.locals !== undefined) intention.locals = outcome.locals;
      intention.step = outcome.then;
      begin(state, intention, outcome.what, outcome.timeoutMs);
      return;
    case 'done':
      finish(state, intention, outcome);
      return;
    case 'fail':
      failIntention(state, intention, outcome.cause);
      return;
    default:
      outcome satisfies never;
  }
}

function finish(
  state: AgentState,
  intention: Intention,
  outcome: Extract<StepOutcome, { do: 'done' }>,
): void {
  const { goal } = intention;
  intention.status = 'ended';
  if (state.sink !== undefined) traceStatus(state, intention, 'done', 'the plan has come to its end');
  const { decl } = goal;
  if (decl.goal.kind === 'maintain') {
    goal.status = 'idle';
    goal.intention = undefined;
    goal.excluded = [];
    state.dirty = true;
    return;
  }
  if (
    decl.goal.kind !== 'perform' &&
    decl.achieved !== undefined &&
    !decl.achieved(state.beliefs, goal.args)
  ) {
    goal.excluded = [...goal.excluded, intention.plan.name];
    retryOtherPlan(state, intention, 'the plan ended, yet the goal is not achieved');
    return;
  }
  endGoal(
    state,
    goal,
    'achieved',
    { ok: true, value: outcome.value ?? null },
    'its plan is done',
    intention.entry,
  );
}

/** Failure: exclude the plan, try the next best, then start over or give the goal up, which its asker hears of. */
export function failIntention(state: AgentState, intention: Intention, cause: string): void {
  intention.status = 'ended';
  if (state.sink !== undefined) traceStatus(state, intention, 'failed', cause);
  const { goal } = intention;
  goal.excluded = [...goal.excluded, intention.plan.name];
  if (goal.decl.goal.kind === 'perform') {
    endGoal(state, goal, 'failed', { ok: false, error: cause }, cause, intention.entry);
    return;
  }
  retryOtherPlan(state, intention, cause);
}

function retryOtherPlan(state: AgentState, intention: Intention, cause: string): void {
  const { goal } = intention;
  const left = goal.decl.plans?.some((plan) => !goal.excluded.includes(plan.name)) ?? false;
  if (left) intend(state, goal);
  else fallBack(state, goal, cause);
}

/** Starts what a step awaits. */
function begin(state: AgentState, intention: Intention, what: Awaited, timeoutMs: number | undefined): void {
  if (what.kind === 'guard') {
    intention.status = 'waiting';
    intention.waitsFor = 'guard';
    state.guarded.push(intention);
    if (timeoutMs !== undefined) {
      const token = ++state.lastToken;
      intention.token = token;
      state.waiting.set(token, intention);
      setAlarm(state, state.nowMs + timeoutMs, { kind: 'token', token, timedOut: true });
    }
    state.dirty = true;
    return;
  }
  const token = ++state.lastToken;
  intention.token = token;
  intention.status = 'waiting';
  intention.waitsFor = what.kind;
  state.waiting.set(token, intention);
  switch (what.kind) {
    case 'act':
      intention.entry = act(state, what.action, what.reason, token, intention.entry) || intention.entry;
      break;
    case 'time':
      setAlarm(state, what.untilMs, { kind: 'token', token, timedOut: false });
      break;
    case 'pursue':
      pursue(state, intention, what.goal.name, what.args, what.priority, token);
      break;
    case 'request':
      if (state.negotiation === undefined || state.host === undefined) {
        answer(state, token, { ok: false, error: 'the agent has no negotiation module' }, intention.entry);
      } else {
        const { receiver, content, withinMs } = what;
        state.negotiation.request(token, receiver, content, withinMs, intention.entry, state.host);
      }
      break;
    default:
      what satisfies never;
  }
  if (timeoutMs !== undefined) {
    setAlarm(state, state.nowMs + timeoutMs, { kind: 'token', token, timedOut: true });
  }
}

function pursue(
  state: AgentState,
  intention: Intention,
  goal: string,
  args: GoalArgs,
  priority: number | undefined,
  token: number,
): void {
  const { goal: parent } = intention;
  const entry = findDeclaration(state.model, goal, (name) => isActive(state, name), parent.capability);
  const adopted =
    entry === undefined
      ? undefined
      : adoptGoal(
          state,
          entry,
          args,
          priority ?? parent.priority,
          token,
          intention.entry,
          `for ${parent.key}, step before ${intention.step}`,
        );
  if (adopted === undefined) {
    const error = entry === undefined ? `nobody here declares ${goal}` : 'too many goals';
    answer(state, token, { ok: false, error }, intention.entry);
  }
}

/** Guards are looked at when beliefs have changed: an intention behind an open one is ready. */
export function openGuards(state: AgentState): void {
  const still: Intention[] = [];
  for (const intention of state.guarded) {
    if (intention.status !== 'waiting') continue;
    const guard = intention.plan.guards?.[intention.step];
    if (guard !== undefined && !guard(state.beliefs, intention.goal.args, intention.locals)) {
      still.push(intention);
      continue;
    }
    if (intention.token !== 0) state.waiting.delete(intention.token);
    intention.token = 0;
    intention.waitsFor = 'nothing';
    makeReady(state, intention);
  }
  state.guarded = still;
}

function traceStatus(
  state: AgentState,
  intention: Intention,
  status: 'preempted' | 'resumed' | 'failed' | 'done',
  reason: string,
): void {
  const { entry, step } = intention;
  intention.entry = traceLazily(state, entry, intentionStatus, intention, step, status, reason);
}
