import type { AgentId } from '../../protocol/ids.ts';

/** Each agent is reborn this often, ms: whatever has got into its heap ends with it. */
export const REBORN_EVERY_MS = 600_000;
/** A successor that has not taken over by then is given up: the agent goes on as it is, and is reborn when it is due again. */
export const TAKES_OVER_WITHIN_MS = 45_000;

export interface RebirthsOptions {
  /** Those there are now: agents come and go. */
  agents(): readonly AgentId[];
  /** 0: never. */
  readonly everyMs: number;
  nowMs(): number;
  /** Whether an agent may be reborn now: it and the group are well. */
  isWell(agent: AgentId): boolean;
  /** Starts a successor beside an agent. */
  begin(agent: AgentId): void;
  giveUp(agent: AgentId): void;
}

/** When whose successor is started: one after the other, spread evenly over the period. */
export class Rebirths {
  readonly #options: RebirthsOptions;
  readonly #dueMs = new Map<AgentId, number>();
  #underWay: { readonly agent: AgentId; readonly sinceMs: number } | undefined;

  constructor(options: RebirthsOptions) {
    this.#options = options;
    const { agents, everyMs, nowMs } = options;
    const beganMs = nowMs();
    const first = agents();
    for (const [place, agent] of first.entries()) {
      this.#dueMs.set(agent, beganMs + (everyMs * (place + 1)) / first.length);
    }
  }

  /** To be called now and then. */
  look(): void {
    const { agents, everyMs, nowMs, isWell, begin, giveUp } = this.#options;
    if (everyMs === 0) return;
    const now = nowMs();
    if (this.#underWay !== undefined) {
      const { agent, sinceMs } = this.#underWay;
      if (now - sinceMs < TAKES_OVER_WITHIN_MS) return;
      this.over(agent);
      giveUp(agent);
    }
    const here = new Set(agents());
    for (const agent of here) if (!this.#dueMs.has(agent)) this.#dueMs.set(agent, now + everyMs);
    for (const agent of [...this.#dueMs.keys()]) if (!here.has(agent)) this.#dueMs.delete(agent);
    // Who has waited longest comes first.
    const due = [...this.#dueMs].filter(([, atMs]) => atMs <= now).sort(([, a], [, b]) => a - b);
    const next = due.find(([agent]) => isWell(agent))?.[0];
    if (next === undefined) return;
    this.#underWay = { agent: next, sinceMs: now };
    this.#dueMs.set(next, now + everyMs);
    begin(next);
  }

  /** A successor has taken over, or has come to nothing. */
  over(agent: AgentId): void {
    if (this.#underWay?.agent === agent) this.#underWay = undefined;
  }

  isUnderWay(agent: AgentId): boolean {
    return this.#underWay?.agent === agent;
  }
}
