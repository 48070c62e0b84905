const MOST_A_SECOND = 20;

export interface RefusalsOptions {
  /** Monotonic, ms. */
  nowMs(): number;
  onFault(fault: string, subject: string, reason: string): void;
}

/**
 * What sites refuse, on its way to the journal: whoever knocks without end does not push everything else out of it, and no kind of
 * refusal another (frames of agents that have expired come faster than the words that they were cut off).
 */
export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #kinds = new Map<string, { sinceMs: number; told: number; untold: number }>();

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  tell(site: string, fault: string, subject: string, reason: string): void {
    const { nowMs, onFault } = this.#options;
    const now = nowMs();
    const kind = `${site} ${fault}`;
    let count = this.#kinds.get(kind);
    if (count === undefined || now - count.sinceMs >= 1000) {
      const untold = count?.untold ?? 0;
      if (untold > 0) onFault('refusals', site, `${site} has refused ${untold} more (${fault})`);
      count = { sinceMs: now, told: 0, untold: 0 };
      this.#kinds.set(kind, count);
    }
    if (count.told >= MOST_A_SECOND) count.untold++;
    else {
      count.told++;
      onFault(fault, subject, reason);
    }
  }
}
