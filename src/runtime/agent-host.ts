import type { Agent } from '../core/bdi/agent.ts';
import type { AgentEvent, Effect } from '../core/bdi/event.ts';
import type { Bus } from '../ports/bus.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { AclMessage } from '../protocol/acl.ts';
import type { AgentId } from '../protocol/ids.ts';

/** One reasoning cycle as it was driven: with these, in this order, a replay gives the same trace. */
export interface CycleInput {
  readonly agent: string;
  readonly tMs: number;
  readonly events: readonly AgentEvent[];
  /** Which life of the agent, see `AgentOptions.life`; absent: the first. */
  readonly life?: number;
  /** With the first cycle of an agent in a process of its own: what it was built with that nobody else knew. */
  readonly born?: Born;
}

export interface Born {
  readonly startMs: number;
  /** Of the nonces of its sealed bids, see `AgentBuilderOptions.secret`. */
  readonly secret: string;
}

/** Checks the frame; what is in the events is for an agent's own parsers. */
export function isCycleInput(value: unknown): value is CycleInput {
  return (
    typeof value === 'object' &&
    value !== null &&
    'agent' in value &&
    typeof value.agent === 'string' &&
    'tMs' in value &&
    Number.isFinite(value.tMs) &&
    'events' in value &&
    Array.isArray(value.events) &&
    (!('life' in value) || (Number.isSafeInteger(value.life) && Number(value.life) >= 1)) &&
    (!('born' in value) || isBorn(value.born))
  );
}

function isBorn(value: unknown): value is Born {
  return (
    typeof value === 'object' &&
    value !== null &&
    'startMs' in value &&
    Number.isFinite(value.startMs) &&
    'secret' in value &&
    typeof value.secret === 'string'
  );
}

export interface AgentHostOptions {
  readonly clock: Clock;
  readonly bus: Bus;
  /** How long after an event the agent's next cycle begins, ms. */
  readonly thinkMs: number;
  onAct(agent: AgentId, effect: Extract<Effect, { kind: 'act' }>): void;
  onAbort(agent: AgentId, token: number): void;
  onCycle(input: CycleInput): void;
  /** Called after a cycle, before anything that it decided is carried out. */
  onDecided?(input: CycleInput, effects: readonly Effect[]): void;
  /** A cycle with events is over: how long after the first of them came, ms of the clock. */
  onReacted?(latencyMs: number): void;
  /** Called before a message is delivered; false keeps it from its receiver. */
  onDeliver(message: AclMessage): boolean;
  onRefused(agent: AgentId, event: AgentEvent): void;
}

interface Hosted {
  readonly agent: Agent;
  posted: AgentEvent[];
  /** When the first of those came. */
  sinceMs: number;
  due: Timer | undefined;
  dueMs: number;
  running: boolean;
  /** Of its last cycle, and what that wanted to be woken for. */
  lastMs: number;
  wakeMs: number;
  /** The deadline for which it has already looked once at what came too late for its cycle. */
  gracedMs: number;
}

/** Runs agents in this process: gives each its cycles on the clock, and carries their messages. */
export class AgentHost {
  readonly #options: AgentHostOptions;
  readonly #hosted = new Map<AgentId, Hosted>();

  constructor(options: AgentHostOptions) {
    this.#options = options;
  }

  add(agent: Agent): void {
    const hosted: Hosted = {
      agent,
      posted: [],
      sinceMs: 0,
      due: undefined,
      dueMs: Number.POSITIVE_INFINITY,
      running: true,
      lastMs: Number.NEGATIVE_INFINITY,
      wakeMs: Number.POSITIVE_INFINITY,
      gracedMs: Number.NaN,
    };
    this.#hosted.set(agent.id, hosted);
    this.#options.bus.attach(agent.id, (message) => {
      if (this.#options.onDeliver(message)) this.post(agent.id, { kind: 'message', message });
    });
    this.#schedule(hosted, this.#options.clock.nowMs());
  }

  isRunning(agent: AgentId): boolean {
    return this.#hosted.get(agent)?.running ?? false;
  }

  post(agent: AgentId, event: AgentEvent): void {
    const hosted = this.#hosted.get(agent);
    if (hosted === undefined || !hosted.running) return;
    if (!hosted.agent.post(event)) {
      this.#options.onRefused(agent, event);
      return;
    }
    if (hosted.posted.length === 0) hosted.sinceMs = this.#options.clock.nowMs();
    hosted.posted.push(event);
    this.#schedule(hosted, this.#options.clock.nowMs() + this.#options.thinkMs);
  }

  /** Events that have come for an agent since its last cycle: the last ones of its mailbox. */
  pending(agent: AgentId): number {
    return this.#hosted.get(agent)?.posted.length ?? 0;
  }

  /** Stops an agent at once: it hears, thinks and says nothing any more. */
  stop(agent: AgentId): void {
    const hosted = this.#hosted.get(agent);
    if (hosted === undefined) return;
    hosted.running = false;
    hosted.due?.cancel();
    this.#options.bus.detach(agent);
  }

  stopAll(): void {
    for (const agent of this.#hosted.keys()) this.stop(agent);
  }

  #schedule(hosted: Hosted, atMs: number): void {
    if (!hosted.running || atMs >= hosted.dueMs || atMs === Number.POSITIVE_INFINITY) return;
    hosted.due?.cancel();
    hosted.dueMs = atMs;
    hosted.due = this.#options.clock.at(atMs, () => this.#wake(hosted));
  }

  /** On a busy machine it is late for a deadline: what has come meanwhile is read before it is said that nothing came. */
  #wake(hosted: Hosted): void {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    if (isLate(hosted, nowMs)) hosted.due = clock.at(nowMs, () => this.#cycle(hosted));
    else this.#cycle(hosted);
  }

  #cycle(hosted: Hosted): void {
    if (!hosted.running) return;
    const { clock, bus } = this.#options;
    hosted.due = undefined;
    hosted.dueMs = Number.POSITIVE_INFINITY;
    const nowMs = clock.nowMs();
    const events = hosted.posted;
    // Nobody can tell whether it came in time: it is not the sender who was late. The deadline has the cycle after this one.
    const inTime = events.length > 0 && isLate(hosted, nowMs);
    if (inTime) hosted.gracedMs = hosted.wakeMs;
    const tMs = inTime ? Math.max(hosted.lastMs, hosted.wakeMs - 1) : nowMs;
    hosted.lastMs = tMs;
    hosted.posted = [];
    const input: CycleInput = { agent: hosted.agent.id, tMs, events };
    this.#options.onCycle(input);
    const effects = hosted.agent.cycle(tMs);
    this.#options.onDecided?.(input, effects);
    for (const effect of effects) {
      if (effect.kind === 'send') bus.send(effect.message);
      else if (effect.kind === 'act') this.#options.onAct(hosted.agent.id, effect);
      else this.#options.onAbort(hosted.agent.id, effect.token);
    }
    if (events.length > 0) this.#options.onReacted?.(Math.max(0, clock.nowMs() - hosted.sinceMs));
    const wakeMs = hosted.agent.nextWakeMs();
    hosted.wakeMs = wakeMs;
    if (wakeMs <= tMs) this.#schedule(hosted, tMs + this.#options.thinkMs);
    else this.#schedule(hosted, wakeMs);
  }
}

function isLate({ lastMs, wakeMs, gracedMs }: Hosted, nowMs: number): boolean {
  return wakeMs > lastMs && wakeMs < nowMs && wakeMs !== gracedMs;
}
