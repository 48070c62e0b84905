import type { AgentId } from '../../protocol/ids.ts';
import type { AgentOptions } from './agent.ts';
import { Agent } from './agent.ts';
import type { GoalEntry } from './agent-model.ts';
import type { AgentCounters, AgentState, Alarm } from './agent-state.ts';
import { setAlarm } from './agent-state.ts';
import type { Belief } from './belief.ts';
import { AUCTION_PLAN } from './deliberation.ts';
import type { AgentEvent } from './event.ts';
import type { Goal } from './goal.ts';
import type { Intention } from './intention.ts';
import type { Cause } from './trace.ts';

type Plain<T, K extends keyof T> = Pick<T, K>;

/** How far an intention has got, without the plan's functions. */
type IntentionRecord = Plain<
  Intention,
  'step' | 'locals' | 'result' | 'token' | 'waitsFor' | 'entry' | 'readySinceMs' | 'status' | 'preempted'
> & { readonly plan: string };

type GoalRecord = Plain<
  Goal,
  | 'id'
  | 'args'
  | 'key'
  | 'priority'
  | 'createdMs'
  | 'deadlineMs'
  | 'cause'
  | 'waiters'
  | 'excluded'
  | 'retries'
  | 'notBeforeMs'
  | 'status'
  | 'heldBack'
> & {
  readonly type: string;
  readonly capability: string;
  readonly auctioned: boolean;
  readonly intention: IntentionRecord | undefined;
};

type AlarmRecord = Exclude<Alarm, { kind: 'goal' }> | { readonly kind: 'goal'; readonly goal: number };

/**
 * An agent between two cycles as plain data (structured-cloneable): goals, plans and capabilities by their names, since their
 * functions are the model's. Together with the events after it, it is enough to go on after a crash.
 */
export interface AgentSnapshot {
  readonly version: 1;
  readonly id: AgentId;
  readonly nowMs: number;
  readonly lastEntry: number;
  readonly lastToken: number;
  readonly lastGoal: number;
  readonly beliefs: readonly Belief[];
  readonly active: readonly string[];
  readonly retiring: readonly (readonly [
    string,
    { readonly reason: string; readonly because: readonly Cause[] },
  ])[];
  readonly goals: readonly GoalRecord[];
  readonly options: readonly number[];
  readonly agenda: readonly { readonly rank: number; readonly goal: number }[];
  readonly guarded: readonly number[];
  readonly lastRun: number;
  readonly mailbox: readonly AgentEvent[];
  readonly alarms: readonly { readonly rank: number; readonly alarm: AlarmRecord }[];
  readonly dirty: boolean;
  readonly fresh: boolean;
  readonly counters: AgentCounters;
  /** Of the negotiation module, as it gave it. */
  readonly negotiation: unknown;
}

/** Takes a snapshot of an agent that is not within a cycle; later changes of the agent do not reach it. */
export function takeSnapshot(agent: Agent): AgentSnapshot {
  const { state } = agent;
  const names = (index: number) => state.model.capabilities[index]?.name ?? '';
  const ready = state.agenda.ranked().filter(({ item }) => item.status === 'ready');
  return structuredClone({
    version: 1,
    id: state.id,
    nowMs: state.nowMs,
    lastEntry: state.lastEntry,
    lastToken: state.lastToken,
    lastGoal: state.lastGoal,
    beliefs: [...state.beliefs.entries()],
    active: state.active.flatMap((active, index) => (active ? [names(index)] : [])),
    retiring: [...(state.retiring ?? [])].map(([index, why]) => [names(index), why] as const),
    goals: [...state.goals.values()].map(goalRecord),
    options: state.options.filter((goal) => goal.status === 'option').map((goal) => goal.id),
    agenda: ready.map(({ rank, item }) => ({ rank, goal: item.id })),
    guarded: state.guarded.filter((each) => each.status === 'waiting').map((each) => each.id),
    lastRun: lastRunOf(state),
    mailbox: state.mailbox,
    alarms: (state.alarms?.ranked() ?? []).flatMap(({ rank, item }) => alarmRecord(rank, item)),
    dirty: state.dirty,
    fresh: state.fresh,
    counters: state.counters,
    negotiation: state.negotiation?.snapshot(),
  } satisfies AgentSnapshot);
}

/** One that has ended is not restored, and counts for nothing. */
function lastRunOf({ lastRun }: AgentState): number {
  const isLive = lastRun?.goal.intention === lastRun && lastRun?.goal.status !== 'ended';
  return isLive ? (lastRun?.id ?? 0) : 0;
}

function alarmRecord(rank: number, alarm: Alarm): { rank: number; alarm: AlarmRecord }[] {
  if (alarm.kind !== 'goal') return [{ rank, alarm }];
  const { id, status } = alarm.goal;
  return status === 'ended' ? [] : [{ rank, alarm: { kind: 'goal', goal: id } }];
}

function goalRecord(goal: Goal): GoalRecord {
  const { decl, capability, intention, ...plain } = goal;
  return {
    ...plain,
    type: decl.goal.name,
    capability: capability.name,
    auctioned: decl.auction !== undefined,
    intention: intention === undefined ? undefined : intentionRecord(intention),
  };
}

function intentionRecord(intention: Intention): IntentionRecord {
  const { id: _, goal: __, plan, ...plain } = intention;
  return { ...plain, plan: plan.name };
}

/**
 * An agent as it was when the snapshot was taken: at the step that it had reached, with what it waits for still awaited. The model
 * must be the one that it had (or know at least the same goals, plans and steps).
 * @throws RangeError otherwise, and when it is no snapshot.
 */
export function restoreAgent(options: Omit<AgentOptions, 'id' | 'active'>, snapshot: AgentSnapshot): Agent {
  const why = whyNoSnapshot(snapshot);
  if (why !== undefined) throw new RangeError(`not a snapshot of an agent: ${why}`);
  const data = structuredClone(snapshot);
  const agent = new Agent({ ...options, id: data.id, active: data.active, startMs: data.nowMs });
  const { state } = agent;
  state.lastEntry = data.lastEntry;
  state.lastToken = data.lastToken;
  state.lastGoal = data.lastGoal;
  state.beliefs.load(data.beliefs);
  if (data.retiring.length > 0) {
    state.retiring = new Map(data.retiring.map(([name, why]) => [state.model.byName.get(name) ?? -1, why]));
  }
  const goals = new Map<number, Goal>();
  for (const record of data.goals) {
    const goal = restoreGoal(state, record);
    goals.set(goal.id, goal);
    state.goals.set(goal.key, goal);
  }
  const goalOf = (id: number) => goals.get(id);
  const intentionOf = (id: number) => goals.get(id)?.intention;
  state.options = data.options.flatMap((id) => goalOf(id) ?? []);
  for (const { rank, goal } of data.agenda) {
    const intention = intentionOf(goal);
    if (intention !== undefined) state.agenda.push(rank, intention);
  }
  state.guarded = data.guarded.flatMap((id) => intentionOf(id) ?? []);
  state.lastRun = intentionOf(data.lastRun);
  state.mailbox = [...data.mailbox];
  for (const { rank, alarm } of data.alarms) restoreAlarm(state, rank, alarm, goalOf);
  state.dirty = data.dirty;
  state.fresh = data.fresh;
  Object.assign(state.counters, data.counters);
  if (data.negotiation !== undefined) state.negotiation?.restore(data.negotiation, state.model);
  return agent;
}

const LISTS = [
  'beliefs',
  'active',
  'retiring',
  'goals',
  'options',
  'agenda',
  'guarded',
  'mailbox',
  'alarms',
] as const satisfies readonly (keyof AgentSnapshot)[];
const NUMBERS = [
  'nowMs',
  'lastEntry',
  'lastToken',
  'lastGoal',
  'lastRun',
] as const satisfies readonly (keyof AgentSnapshot)[];

/** Checks its frame, since it may come from a disk: what is in the lists was written by `takeSnapshot`. Undefined: it is one. */
function whyNoSnapshot(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return `it is ${String(value)}`;
  const data: Readonly<Record<string, unknown>> = { ...value };
  if (data['version'] !== 1) return `its version is ${String(data['version'])}, and 1 is known`;
  if (typeof data['id'] !== 'string') return 'it has no id';
  for (const name of LISTS) if (!Array.isArray(data[name])) return `${name} is no list`;
  for (const name of NUMBERS) if (!Number.isFinite(data[name])) return `${name} is no number`;
  const { counters } = data;
  return typeof counters === 'object' && counters !== null ? undefined : 'it has no counters';
}

function restoreGoal(state: AgentState, record: GoalRecord): Goal {
  const { type, capability, auctioned, intention, ...plain } = record;
  const entry = state.model.goals
    .get(type)
    ?.find((each) => each.capability.name === capability && (each.decl.auction !== undefined) === auctioned);
  if (entry === undefined) throw new RangeError(`the model does not declare ${type} in ${capability}`);
  const goal: Goal = { ...plain, decl: entry.decl, capability: entry.capability, intention: undefined };
  if (intention !== undefined) {
    const restored = restoreIntention(goal, entry, intention);
    goal.intention = restored;
    if (restored.token !== 0) state.waiting.set(restored.token, restored);
  }
  return goal;
}

function restoreIntention(goal: Goal, { decl }: GoalEntry, record: IntentionRecord): Intention {
  const { plan: name, ...plain } = record;
  const plan = decl.auction === undefined ? decl.plans?.find((each) => each.name === name) : AUCTION_PLAN;
  if (plan?.steps[plain.step] === undefined) {
    throw new RangeError(`the model has no plan ${name} with a step ${plain.step}`);
  }
  return { ...plain, id: goal.id, goal, plan };
}

function restoreAlarm(
  state: AgentState,
  rank: number,
  alarm: AlarmRecord,
  goalOf: (id: number) => Goal | undefined,
): void {
  if (alarm.kind !== 'goal') {
    setAlarm(state, rank, alarm);
    return;
  }
  const goal = goalOf(alarm.goal);
  if (goal !== undefined) setAlarm(state, rank, { kind: 'goal', goal });
}
