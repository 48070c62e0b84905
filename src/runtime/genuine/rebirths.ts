import type { AgentId } from '../../protocol/ids.ts';

/** Each agent is reborn this often, ms: whatever has got into its heap ends with it. */
export const REBORN_EVERY_MS = 600_000;
/** A successor that has not taken over by then is given up: the agent goes on as it is, and is reborn when it is due again. */
export const TAKES_OVER_WITHIN_MS = 45_000;
/** An agent that is asked to be reborn is to be well by then: attested, in a group that has a key. */
export const WELL_WITHIN_MS = 60_000;

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
  /** One that was asked to be reborn was not; its successor has not been started. */
  notBegun(agent: AgentId, reason: string): void;
}

/** When whose successor is started: one after the other, spread evenly over the period. */
export class Rebirths {
  readonly #options: RebirthsOptions;
  readonly #dueMs = new Map<AgentId, number>();
  #underWay: { readonly agent: AgentId; readonly sinceMs: number } | undefined;
  #asked: { readonly agent: AgentId; readonly sinceMs: number } | undefined;

  constructor(options: RebirthsOptions) {
    this.#options = options;
    const { agents, everyMs, nowMs } = options;
    const beganMs = nowMs();
    const first = agents();
    for (const [place, agent] of first.entries()) {
      this.#dueMs.set(agent, beganMs + (everyMs * (place + 1)) / first.length);
    }
  }

  /** That agent is the next, whoever is due: as soon as it is well. */
  ask(agent: AgentId): void {
    this.#asked = { agent, sinceMs: this.#options.nowMs() };
  }

  /** To be called now and then. */
  look(): void {
    const { everyMs, nowMs, giveUp } = this.#options;
    const now = nowMs();
    if (this.#underWay !== undefined) {
      const { agent, sinceMs } = this.#underWay;
      if (now - sinceMs < TAKES_OVER_WITHIN_MS) return;
      this.over(agent);
      giveUp(agent);
    }
    if (this.#asked !== undefined) this.#lookAtAsked(this.#asked, now);
    else if (everyMs !== 0) this.#lookAtDue(now);
  }

  #lookAtAsked({ agent, sinceMs }: { readonly agent: AgentId; readonly sinceMs: number }, now: number): void {
    const { agents, isWell, notBegun } = this.#options;
    if (agents().includes(agent) && isWell(agent)) {
      this.#asked = undefined;
      this.#begin(agent, now);
    } else if (!agents().includes(agent)) {
      this.#asked = undefined;
      notBegun(agent, 'it is not there any more');
    } else if (now - sinceMs >= WELL_WITHIN_MS) {
      this.#asked = undefined;
      notBegun(agent, `it, or its group, was not well for ${WELL_WITHIN_MS / 1000} s`);
    }
  }

  #lookAtDue(now: number): void {
    const { agents, everyMs, isWell } = this.#options;
    const here = new Set(agents());
    for (const agent of here) if (!this.#dueMs.has(agent)) this.#dueMs.set(agent, now + everyMs);
    for (const agent of [...this.#dueMs.keys()]) if (!here.has(agent)) this.#dueMs.delete(agent);
    // Who has waited longest comes first.
    const due = [...this.#dueMs].filter(([, atMs]) => atMs <= now).sort(([, a], [, b]) => a - b);
    const next = due.find(([agent]) => isWell(agent))?.[0];
    if (next !== undefined) this.#begin(next, now);
  }

  #begin(agent: AgentId, now: number): void {
    const { everyMs, begin } = this.#options;
    this.#underWay = { agent, sinceMs: now };
    this.#dueMs.set(agent, now + everyMs);
    begin(agent);
  }

  /** A successor has taken over, or has come to nothing. */
  over(agent: AgentId): void {
    if (this.#underWay?.agent === agent) this.#underWay = undefined;
  }

  isUnderWay(agent: AgentId): boolean {
    return this.#underWay?.agent === agent;
  }
}
