import type { AgentId } from '../../protocol/ids.ts';
import { Agenda } from './agenda.ts';
import type { AgentModel } from './agent-model.ts';
import type { Revision } from './belief.ts';
import { BeliefBase } from './belief-base.ts';
import type { AgentEvent, Effect } from './event.ts';
import type { Goal } from './goal.ts';
import type { Intention } from './intention.ts';
import type { NegotiationHost, NegotiationModule } from './negotiation-module.ts';
import type { Cause, TraceDraft, TraceSink } from './trace.ts';
import { LazyEntry } from './trace.ts';
import { beliefChanged } from './trace-drafts.ts';

/** What a time that has come means. */
export type Alarm =
  | { readonly kind: 'belief'; readonly key: string }
  | { readonly kind: 'token'; readonly token: number; readonly timedOut: boolean }
  | { readonly kind: 'goal'; readonly goal: Goal }
  | { readonly kind: 'retry' };

export interface AgentCounters {
  events: number;
  refused: number;
  cycles: number;
  steps: number;
  goalsAdopted: number;
  goalsAchieved: number;
  goalsFailed: number;
  sent: number;
  received: number;
}

/**
 * Everything that an agent is at a moment. The engine's functions change it in place, for speed; nobody else sees it, and
 * the same events at the same times always change it the same way.
 */
export interface AgentState {
  readonly id: AgentId;
  readonly model: AgentModel;
  readonly negotiation: NegotiationModule | undefined;
  host: NegotiationHost | undefined;
  nowMs: number;
  lastEntry: number;
  lastToken: number;
  /** The last token that an earlier life of this agent may have given; 0: there was none. */
  readonly lastTokenBefore: number;
  lastGoal: number;
  readonly beliefs: BeliefBase;
  /** Per capability of the model. */
  readonly active: boolean[];
  /** Capabilities to be deactivated once they have no goal left, by index. */
  retiring: Map<number, { readonly reason: string; readonly because: readonly Cause[] }> | undefined;
  /** Renewed now and then, as `waiting` is: see `renewMaps`. */
  goals: Map<string, Goal>;
  /** Goals that wait for deliberation. */
  options: Goal[];
  readonly agenda: Agenda<Intention>;
  waiting: Map<number, Intention>;
  /** Goals and tokens that there had been when the maps were last renewed. */
  renewedAt: { goal: number; token: number };
  guarded: Intention[];
  lastRun: Intention | undefined;
  mailbox: AgentEvent[];
  alarms: Agenda<Alarm> | undefined;
  effects: Effect[];
  /** Whether beliefs or goals have changed since options were last generated. */
  dirty: boolean;
  /** Whether there may be options that could be taken up now. */
  fresh: boolean;
  sink: TraceSink | undefined;
  readonly counters: AgentCounters;
}

/** Entries, tokens and goals of one life; those of the next go on from there. */
const NUMBERS_PER_LIFE = 100_000_000;

export function createState(
  id: AgentId,
  model: AgentModel,
  active: readonly string[],
  negotiation: NegotiationModule | undefined,
  sink: TraceSink | undefined,
  nowMs: number,
  life: number,
): AgentState {
  const last = (life - 1) * NUMBERS_PER_LIFE;
  return {
    lastTokenBefore: last,
    id,
    model,
    negotiation,
    host: undefined,
    nowMs,
    lastEntry: last,
    lastToken: last,
    lastGoal: last,
    beliefs: new BeliefBase(),
    active: model.capabilities.map((capability) => active.includes(capability.name)),
    retiring: undefined,
    goals: new Map(),
    options: [],
    agenda: new Agenda(),
    waiting: new Map(),
    renewedAt: { goal: last, token: last },
    guarded: [],
    lastRun: undefined,
    mailbox: [],
    alarms: undefined,
    effects: [],
    dirty: true,
    fresh: false,
    sink,
    counters: {
      events: 0,
      refused: 0,
      cycles: 0,
      steps: 0,
      goalsAdopted: 0,
      goalsAchieved: 0,
      goalsFailed: 0,
      sent: 0,
      received: 0,
    },
  };
}

/** A map that is never empty is renewed after so many entries more than it holds. */
const WORN_AFTER = 256;

/**
 * Puts new maps in place of worn ones. V8 links each table that a Map has outgrown, by deletions too, to the one that follows it:
 * once one of them has become old, all goals that ever were in a later one outlive young collections, and an agent runs at half
 * its speed.
 */
export function renewMaps(state: AgentState): void {
  const { goals, waiting, renewedAt, lastGoal, lastToken } = state;
  if (isWorn(goals, lastGoal - renewedAt.goal)) {
    state.goals = new Map(goals);
    renewedAt.goal = lastGoal;
  }
  if (isWorn(waiting, lastToken - renewedAt.token)) {
    state.waiting = new Map(waiting);
    renewedAt.token = lastToken;
  }
}

function isWorn(map: ReadonlyMap<unknown, unknown>, added: number): boolean {
  return map.size === 0 ? added > 0 : added > WORN_AFTER + map.size;
}

/** Writes an entry of the trace and answers its id. Callers build the draft only when `state.sink` is there. */
export function trace(state: AgentState, because: readonly Cause[], draft: TraceDraft): number {
  const id = ++state.lastEntry;
  state.sink?.push({ id, tMs: state.nowMs, because, draft });
  return id;
}

/** The same for what happens often: `render` puts it into words when it is read, from values that never change. */
export function traceLazily<A, B, C, D>(
  state: AgentState,
  because: Cause | readonly Cause[],
  render: (a: A, b: B, c: C, d: D) => TraceDraft,
  a: A,
  b: B,
  c: C,
  d: D,
): number {
  const id = ++state.lastEntry;
  state.sink?.push(new LazyEntry(id, state.nowMs, because, render, a, b, c, d));
  return id;
}

export function setAlarm(state: AgentState, atMs: number, alarm: Alarm): void {
  state.alarms ??= new Agenda();
  state.alarms.push(atMs, alarm);
}

export function isActive(state: AgentState, capability: string): boolean {
  const index = state.model.byName.get(capability);
  return index !== undefined && state.active[index] === true;
}

/** Carries out a revision: the one way in which beliefs change. */
export function revise(state: AgentState, revision: Revision, source: string, because: Cause): void {
  const id = state.sink === undefined ? 0 : state.lastEntry + 1;
  const { changed, was, belief } = state.beliefs.revise(revision, source, state.nowMs, id);
  if (belief !== undefined && belief.expiresMs !== Number.POSITIVE_INFINITY) {
    setAlarm(state, belief.expiresMs, { kind: 'belief', key: belief.key });
  }
  state.dirty = true;
  if (changed && state.sink !== undefined) {
    traceLazily(state, because, beliefChanged, revision, was, source, null);
  }
}
