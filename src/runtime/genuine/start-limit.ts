import type { AgentId } from '../../protocol/ids.ts';

/** An agent that ends this often within a minute is not started again. */
const MOST_STARTS = 6;
const STARTS_WITHIN_MS = 60_000;

/** Keeps an agent down that ends again and again, until an operator has it started. */
export class StartLimit {
  readonly #nowMs: () => number;
  readonly #starts = new Map<AgentId, readonly number[]>();
  readonly #down = new Map<AgentId, string>();

  /** `nowMs`: monotonic. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Who stays down, and why. */
  get down(): ReadonlyMap<AgentId, string> {
    return this.#down;
  }

  /** Counts one more start; a text: it may not be started, and why. */
  start(agent: AgentId): string | undefined {
    const kept = this.#down.get(agent);
    if (kept !== undefined) return kept;
    const now = this.#nowMs();
    const starts = (this.#starts.get(agent) ?? []).filter((each) => now - each < STARTS_WITHIN_MS);
    if (starts.length >= MOST_STARTS) {
      const reason = `it has ended ${MOST_STARTS} times within a minute: it stays down until \`muster agent start ${agent}\``;
      this.#down.set(agent, reason);
      return reason;
    }
    this.#starts.set(agent, [...starts, now]);
    return undefined;
  }

  /** False: it was not down. */
  forgive(agent: AgentId): boolean {
    this.#starts.delete(agent);
    return this.#down.delete(agent);
  }
}
