import type { AgentCounters } from '../../core/bdi/agent-state.ts';
import type { Vitals } from '../../protocol/site-link.ts';
import { LATENCY_BOUNDS_MS } from '../../protocol/site-link.ts';

/** How an agent's process fares: what it uses, what it has done, and how long its decisions take. */
export class VitalSigns {
  readonly #buckets: number[] = LATENCY_BOUNDS_MS.map(() => 0);
  #count = 0;
  #sumMs = 0;

  /** A decision is made: so long after the first thing that it takes into account came. */
  decided(latencyMs: number): void {
    this.#count++;
    this.#sumMs += latencyMs;
    const at = LATENCY_BOUNDS_MS.findIndex((bound) => latencyMs <= bound);
    if (at >= 0) this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
  }

  read(counters: AgentCounters): Vitals {
    // Of getrusage, which opens no file: a descriptor that comes and goes would be a finding.
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const { cycles, events, goalsAdopted, goalsAchieved, goalsFailed } = counters;
    return {
      cpuMs: Math.round((userCPUTime + systemCPUTime) / 1000),
      maxRssKb: maxRSS,
      cycles,
      events,
      goalsAdopted,
      goalsAchieved,
      goalsFailed,
      decisions: { count: this.#count, sumMs: this.#sumMs, buckets: [...this.#buckets] },
    };
  }
}
