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
  /** Called before a message is delivered; false keeps it from its receiver. */
  onDeliver(message: AclMessage): boolean;
  onRefused(agent: AgentId, event: AgentEvent): void;
}

interface Hosted {
  readonly agent: Agent;
  posted: AgentEvent[];
  due: Timer | undefined;
  dueMs: number;
  running: boolean;
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
      due: undefined,
      dueMs: Number.POSITIVE_INFINITY,
      running: true,
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
    hosted.posted.push(event);
    this.#schedule(hosted, this.#options.clock.nowMs() + this.#options.thinkMs);
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
    hosted.due = this.#options.clock.at(atMs, () => this.#cycle(hosted));
  }

  #cycle(hosted: Hosted): void {
    if (!hosted.running) return;
    const { clock, bus } = this.#options;
    hosted.due = undefined;
    hosted.dueMs = Number.POSITIVE_INFINITY;
    const tMs = clock.nowMs();
    const events = hosted.posted;
    hosted.posted = [];
    this.#options.onCycle({ agent: hosted.agent.id, tMs, events });
    for (const effect of hosted.agent.cycle(tMs)) {
      if (effect.kind === 'send') bus.send(effect.message);
      else if (effect.kind === 'act') this.#options.onAct(hosted.agent.id, effect);
      else this.#options.onAbort(hosted.agent.id, effect.token);
    }
    const wakeMs = hosted.agent.nextWakeMs();
    if (wakeMs <= tMs) this.#schedule(hosted, tMs + this.#options.thinkMs);
    else this.#schedule(hosted, wakeMs);
  }
}
