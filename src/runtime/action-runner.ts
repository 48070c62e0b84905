import type { Effect } from '../core/bdi/event.ts';
import type { GoalOutcome } from '../core/bdi/goal.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { DataPlane } from '../ports/data-plane.ts';
import type { AgentId } from '../protocol/ids.ts';
import type { Json } from '../protocol/journal.ts';
import type { Outcome, PlaneCommand, PlaneQuery } from '../protocol/plane.ts';
import { PlaneCommandSchema, PlaneQuerySchema } from '../protocol/plane.ts';
import type { AwardFence, Judged } from './award-fence.ts';
import type { JournalWriter } from './journal-writer.ts';

export type Act = Extract<Effect, { kind: 'act' }>;

export interface ActionRunnerOptions {
  readonly clock: Clock;
  readonly plane: DataPlane;
  readonly journal: JournalWriter;
  /** Judges whose rule is whose; absent: agents are all in this process, and trusted. */
  readonly awards?: AwardFence;
  /** Answers an action to the agent that asked for it. */
  answer(agent: AgentId, token: number, outcome: GoalOutcome): void;
  perceive(agent: AgentId, topic: string, subject: string, value: Json): void;
  /** `signal` aborts when the agent no longer wants it. */
  place(agent: AgentId, name: string, signal: AbortSignal, done: (outcome: GoalOutcome) => void): void;
}

/** What operators may do past all bargaining. */
export type OperatorCommand = Extract<PlaneCommand, { kind: 'block-source' | 'remove-rule' }>;

interface Watch {
  timer: Timer | undefined;
  stopped: boolean;
}

const PLANE_KINDS = new Set(PlaneCommandSchema.options.map((option) => option.shape.kind.value as string));

const ALLOWED: Judged = { ok: true, undo: () => {} };

/** Carries out what agents ask for: the only place where an action meets a port. Every action is parsed here first. */
export class ActionRunner {
  readonly #options: ActionRunnerOptions;
  readonly #watches = new Map<string, Watch>();
  readonly #expiries = new Map<string, Timer>();
  /** Of actions whose answer is waited for, by agent and token. */
  readonly #running = new Map<string, AbortController>();

  constructor(options: ActionRunnerOptions) {
    this.#options = options;
    options.awards?.onAbandoned(({ rule, award, reason }) => {
      void this.operate({ kind: 'remove-rule', rule, award }, reason);
    });
  }

  run(agent: AgentId, act: Act): void {
    const { action } = act;
    const controller = new AbortController();
    if (act.token !== 0) this.#running.set(`${agent} ${act.token}`, controller);
    if (PLANE_KINDS.has(action.kind)) {
      this.#command(agent, act);
      return;
    }
    const fail = (error: string) => this.#end(agent, act, { ok: false, error });
    if (action.kind === 'place-function') {
      const name = String(action['name']);
      this.#options.place(agent, name, controller.signal, (outcome) => this.#end(agent, act, outcome));
      return;
    }
    const query = PlaneQuerySchema.safeParse(action['query']);
    if (!query.success) {
      fail(`${action.kind}: not a query that the data plane knows`);
      return;
    }
    if (action.kind === 'measure') {
      this.#options.plane.measure(query.data, (outcome) => {
        if (outcome.ok) this.#answer(agent, act, { ok: true, value: outcome.value });
        else fail(outcome.error);
      });
    } else if (action.kind === 'watch') {
      const periodMs = Number(action['periodMs']);
      if (!(periodMs >= 20)) fail('watch: a period of at least 20 ms is needed');
      else this.#watch(agent, query.data, periodMs);
    } else if (action.kind === 'unwatch') this.#unwatch(agent, query.data);
    else fail(`no such action: ${action.kind}`);
  }

  /** A command that no agent has asked for: an operator's, or the end of a rule that none owns. */
  operate(command: OperatorCommand, reason: string): Promise<Outcome<null>> {
    return new Promise((resolve) => {
      this.#options.plane.execute(command, (outcome) => {
        const said = outcome.ok ? { ok: true, reason } : { ok: false, reason: outcome.error };
        const action =
          command.kind === 'block-source' ? { ...command } : { kind: command.kind, rule: command.rule };
        const entry = this.#record(action, [], said);
        if (outcome.ok) this.#noteExpiry(command, entry);
        resolve(outcome);
      });
    });
  }

  /** The agent no longer waits for an action: what can be stopped is, and its answer goes nowhere. */
  abort(agent: AgentId, token: number): void {
    const key = `${agent} ${token}`;
    this.#running.get(key)?.abort();
    this.#running.delete(key);
  }

  /** Stops what was begun for an agent that is gone; its rules stay in force until their award's next holder adopts them. */
  forget(agent: AgentId): void {
    this.#options.awards?.gone(agent);
    for (const [key, watch] of this.#watches) if (key.startsWith(`${agent} `)) stop(watch);
  }

  close(): void {
    this.#options.awards?.close();
    for (const watch of this.#watches.values()) stop(watch);
    for (const timer of this.#expiries.values()) timer.cancel();
  }

  #command(agent: AgentId, act: Act): void {
    const parsed = PlaneCommandSchema.safeParse(act.action);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      this.#end(agent, act, { ok: false, error: `${issue?.path.join('.')}: ${issue?.message}` });
      return;
    }
    const command = parsed.data;
    const { awards } = this.#options;
    if (awards === undefined) this.#execute(agent, act, command, ALLOWED);
    else awards.judge(agent, command, (judged) => this.#execute(agent, act, command, judged));
  }

  #execute(agent: AgentId, act: Act, command: PlaneCommand, judged: Judged): void {
    if (!judged.ok) {
      this.#end(agent, act, { ok: false, error: judged.reason });
      return;
    }
    this.#options.plane.execute(command, (outcome) => {
      if (!outcome.ok) judged.undo();
      if (outcome.ok && command.kind === 'adopt-rules') {
        this.#endAdoption(agent, act, command.toAward);
        return;
      }
      const entry = this.#end(agent, act, outcome.ok ? { ok: true, value: null } : outcome);
      if (outcome.ok) this.#noteExpiry(command, entry);
    });
  }

  /** Whoever adopts rules must know which they are, to remove them one day. */
  #endAdoption(agent: AgentId, act: Act, award: string): void {
    this.#options.plane.measure({ kind: 'rules' }, (outcome) => {
      if (!outcome.ok) this.#end(agent, act, outcome);
      else if (outcome.value.kind === 'rules') {
        const rules = outcome.value.entries.filter((each) => each.award === award).map((each) => each.rule);
        this.#end(agent, act, { ok: true, value: { rules } });
      }
    });
  }

  /** Blocks end by themselves on the data plane: the journal says so. */
  #noteExpiry(command: PlaneCommand, entry: string): void {
    const { clock, journal } = this.#options;
    if (command.kind === 'remove-rule') {
      this.#expiries.get(command.rule)?.cancel();
      this.#expiries.delete(command.rule);
    }
    if (command.kind !== 'block-source') return;
    const { rule, source, ttlMs } = command;
    this.#expiries.get(rule)?.cancel();
    const timer = clock.at(clock.nowMs() + ttlMs, () => {
      this.#expiries.delete(rule);
      journal.record(clock.nowMs(), {
        kind: 'action',
        because: [entry],
        action: 'block-source',
        target: source,
        rule,
        status: 'expired',
        detail: { ...command },
        reason: `the block of ${source} has ended after ${ttlMs} ms`,
      });
    });
    this.#expiries.set(rule, timer);
  }

  #end(agent: AgentId, act: Act, outcome: GoalOutcome): string {
    const because = act.entry === 0 ? [] : [`${agent}:${act.entry}`];
    const { ok } = outcome;
    const entry = this.#record(act.action, because, { ok, reason: ok ? act.reason : outcome.error });
    this.#answer(agent, act, outcome);
    return entry;
  }

  #record(
    action: Act['action'],
    because: readonly string[],
    { ok, reason }: { readonly ok: boolean; readonly reason: string },
  ): string {
    const { journal, clock } = this.#options;
    const { kind, ...detail } = action;
    const { rule } = detail;
    const where = [detail['source'], detail['target'], detail['link'], rule, detail['name']];
    return journal.record(clock.nowMs(), {
      kind: 'action',
      because: [...because],
      action: kind,
      target: String(where.find((each) => typeof each === 'string') ?? kind),
      rule: typeof rule === 'string' ? rule : null,
      status: ok ? 'done' : 'failed',
      detail,
      reason,
    });
  }

  #answer(agent: AgentId, act: Act, outcome: GoalOutcome): void {
    if (this.#running.delete(`${agent} ${act.token}`)) this.#options.answer(agent, act.token, outcome);
  }

  #watch(agent: AgentId, query: PlaneQuery, periodMs: number): void {
    const key = `${agent} ${JSON.stringify(query)}`;
    if (this.#watches.has(key)) return;
    const watch: Watch = { timer: undefined, stopped: false };
    this.#watches.set(key, watch);
    const { clock, plane } = this.#options;
    // The next reading is asked for once the last one is there: readings never pile up.
    const read = (): void => {
      if (watch.stopped) return;
      const beganMs = clock.nowMs();
      plane.measure(query, (outcome) => {
        if (watch.stopped) return;
        if (outcome.ok) this.#options.perceive(agent, query.kind, subjectOf(query), outcome.value);
        watch.timer = clock.at(Math.max(beganMs + periodMs, clock.nowMs() + 1), read);
      });
    };
    read();
  }

  #unwatch(agent: AgentId, query: PlaneQuery): void {
    const key = `${agent} ${JSON.stringify(query)}`;
    const watch = this.#watches.get(key);
    if (watch !== undefined) stop(watch);
    this.#watches.delete(key);
  }
}

function stop(watch: Watch): void {
  watch.stopped = true;
  watch.timer?.cancel();
}

function subjectOf(query: PlaneQuery): string {
  if (query.kind === 'rules') return 'self';
  return query.kind === 'sources' ? query.target : query.link;
}
