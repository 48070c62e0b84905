import type { AgentId } from '../../protocol/ids.ts';
import { retireIdle } from './activation.ts';
import type { AgentModel } from './agent-model.ts';
import { findDeclaration } from './agent-model.ts';
import type { AgentState, Alarm } from './agent-state.ts';
import { createState, isActive, renewMaps, trace, traceLazily } from './agent-state.ts';
import { filterGoals, generateOptions, updateIntentions } from './deliberation.ts';
import { dropImpossibleAttitudes, dropSuccessfulAttitudes } from './dropping.ts';
import type { AgentEvent, Effect } from './event.ts';
import { execute } from './execution.ts';
import { EngineHost } from './negotiation-host.ts';
import type { NegotiationModule } from './negotiation-module.ts';
import { perceive } from './perception.ts';
import { adoptGoal, endGoal, resolveToken } from './pursue.ts';
import type { TraceSink } from './trace.ts';
import { messageReceived, stepAnswered } from './trace-drafts.ts';
import { isAgentEvent } from './well-formed.ts';

export interface AgentOptions {
  readonly id: AgentId;
  readonly model: AgentModel;
  /** Names of the capabilities that are active from the start. */
  readonly active?: readonly string[];
  readonly negotiation?: NegotiationModule;
  /** Absent: the trace is off. */
  readonly sink?: TraceSink;
  readonly startMs?: number;
  /**
   * Counts up from 1 when an agent begins anew, with nothing of what it was: entries, messages and conversations of two lives of
   * one name never have the same number.
   */
  readonly life?: number;
}

const NO_EFFECTS: readonly Effect[] = [];

/**
 * A BDI agent. It is driven from outside: `post` events, then call `cycle` with the time; carry out the effects that it
 * answers, and call again at `nextWakeMs` at the latest. The same events at the same times give the same effects and trace.
 *
 * The cycle is the paper's Figure 2 with perception first: new events, belief revision, option generation, deliberation,
 * intentions, execution, dropping what is achieved or impossible.
 */
export class Agent {
  /** For the engine's own modules (snapshots, mind inspectors): not to be changed from outside. */
  readonly state: AgentState;

  constructor(options: AgentOptions) {
    const { id, model, active = [], negotiation, sink, startMs = 0, life = 1 } = options;
    checkTime(startMs);
    this.state = createState(id, model, active, negotiation, sink, startMs, life);
    if (negotiation !== undefined) this.state.host = new EngineHost(this.state);
  }

  get id(): AgentId {
    return this.state.id;
  }

  /**
   * Puts an event into the mailbox. False: it is no event (of no known kind, or a message over its bounds) or the mailbox is
   * full; it is refused and counted. Results of the agent's own actions are always taken (there are never more than it has
   * asked for).
   */
  post(event: AgentEvent): boolean {
    const { mailbox, model, counters } = this.state;
    if (!isAgentEvent(event) || (mailbox.length >= model.limits.mailbox && event.kind !== 'result')) {
      counters.refused++;
      return false;
    }
    mailbox.push(event);
    return true;
  }

  /**
   * One reasoning cycle at a time, which must never go backwards.
   * @throws RangeError when that is no time; the agent is as it was then.
   */
  cycle(nowMs: number): readonly Effect[] {
    checkTime(nowMs);
    const state = this.state;
    if (nowMs > state.nowMs) state.nowMs = nowMs;
    state.counters.cycles++;
    renewMaps(state);
    ringAlarms(state);
    takeEvents(state);
    if (state.dirty) generateOptions(state);
    updateIntentions(state, filterGoals(state));
    execute(state);
    if (state.model.hasConditions && state.goals.size > 0) {
      dropSuccessfulAttitudes(state);
      dropImpossibleAttitudes(state);
    }
    if (state.retiring !== undefined) retireIdle(state);
    if (state.effects.length === 0) return NO_EFFECTS;
    const effects = state.effects;
    state.effects = [];
    return effects;
  }

  /** When the agent wants its next cycle even if nothing happens; `nowMs` or before: at once. Infinity: never. */
  nextWakeMs(): number {
    const state = this.state;
    if (state.mailbox.length > 0 || state.agenda.size > 0 || state.dirty || state.fresh) return state.nowMs;
    const alarm = state.alarms?.peekRank() ?? Number.POSITIVE_INFINITY;
    const deadline = state.negotiation?.nextDeadlineMs() ?? Number.POSITIVE_INFINITY;
    return Math.min(alarm, deadline);
  }
}

function checkTime(ms: number): void {
  if (!Number.isFinite(ms)) throw new RangeError(`not a time in ms: ${String(ms)}`);
}

function ringAlarms(state: AgentState): void {
  const { alarms } = state;
  while (alarms !== undefined && alarms.peekRank() <= state.nowMs) {
    const alarm = alarms.pop();
    if (alarm !== undefined) ring(state, alarm);
  }
  if (state.negotiation !== undefined && state.host !== undefined) {
    if (state.negotiation.nextDeadlineMs() <= state.nowMs) state.negotiation.onTime(state.host);
  }
}

function ring(state: AgentState, alarm: Alarm): void {
  switch (alarm.kind) {
    case 'belief': {
      const expired = state.beliefs.expire(alarm.key, state.nowMs);
      if (expired === undefined) return;
      state.dirty = true;
      if (state.sink === undefined) return;
      trace(state, [expired.cause], {
        kind: 'belief',
        belief: expired.key,
        truth: 'unknown',
        was: expired.truth,
        source: 'time',
        reason: `not confirmed since ${expired.atMs} ms`,
      });
      return;
    }
    case 'token': {
      const intention = state.waiting.get(alarm.token);
      if (intention === undefined) return;
      if (alarm.timedOut && intention.waitsFor === 'act') {
        state.effects.push({ kind: 'abort', token: alarm.token, reason: 'timed out' });
      }
      if (intention.waitsFor === 'guard') {
        state.guarded = state.guarded.filter((each) => each !== intention);
      }
      const outcome = alarm.timedOut
        ? ({ ok: false, error: 'timed out' } as const)
        : ({ ok: true, value: null } as const);
      resolveToken(state, alarm.token, outcome, intention.entry);
      return;
    }
    case 'goal':
      endGoal(
        state,
        alarm.goal,
        'expired',
        { ok: false, error: 'its deadline has passed' },
        'its deadline has passed',
      );
      return;
    case 'retry':
      return;
    default:
      alarm satisfies never;
  }
}

function takeEvents(state: AgentState): void {
  const { mailbox, model } = state;
  if (mailbox.length === 0) return;
  const most = model.limits.eventsPerCycle;
  const events = mailbox.length <= most ? mailbox : mailbox.slice(0, most);
  state.mailbox = mailbox.length <= most ? [] : mailbox.slice(most);
  for (const event of events) {
    state.counters.events++;
    take(state, event);
  }
}

function take(state: AgentState, event: AgentEvent): void {
  switch (event.kind) {
    case 'percept':
      perceive(state, event, 0);
      return;
    case 'result':
      takeResult(state, event);
      return;
    case 'message':
      takeMessage(state, event);
      return;
    case 'goal': {
      const entry = findDeclaration(state.model, event.goal, (name) => isActive(state, name));
      if (entry !== undefined) {
        adoptGoal(state, entry, event.args, event.priority, 0, [], `asked for by ${event.from}`);
      } else if (state.sink !== undefined) {
        trace(state, [], {
          kind: 'goal',
          goal: event.goal,
          goalId: 'none',
          status: 'dropped',
          priority: 0,
          reason: `${event.from} asks for it, but no active capability declares it`,
        });
      }
      return;
    }
    case 'drop-goal': {
      const goal = state.goals.get(event.key);
      const reason = `${event.from} no longer wants it`;
      if (goal !== undefined) endGoal(state, goal, 'dropped', { ok: false, error: reason }, reason);
      return;
    }
    default:
      event satisfies never;
  }
}

function takeResult(state: AgentState, event: Extract<AgentEvent, { kind: 'result' }>): void {
  const intention = state.waiting.get(event.token);
  if (intention === undefined) return;
  const { outcome } = event;
  const entry =
    state.sink === undefined
      ? 0
      : traceLazily(state, intention.entry, stepAnswered, intention, intention.step, outcome, null);
  resolveToken(state, event.token, outcome, entry);
}

function takeMessage(state: AgentState, event: Extract<AgentEvent, { kind: 'message' }>): void {
  const { message } = event;
  state.counters.received++;
  const entry =
    state.sink === undefined
      ? 0
      : traceLazily(state, message.messageId, messageReceived, message, null, null, null);
  if (state.negotiation !== undefined && state.host !== undefined) {
    state.negotiation.onMessage(message, entry, state.host);
  }
}
