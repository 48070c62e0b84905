const MOST_A_SECOND = 20;

export interface RefusalsOptions {
  /** Monotonic, ms. */
  nowMs(): number;
  onFault(fault: string, subject: string, reason: string): void;
}

/** What sites refuse, on its way to the journal: whoever knocks without end does not push everything else out of it. */
export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #sites = new Map<string, { sinceMs: number; told: number; untold: number }>();

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  tell(site: string, fault: string, subject: string, reason: string): void {
    const { nowMs, onFault } = this.#options;
    const now = nowMs();
    let count = this.#sites.get(site);
    if (count === undefined || now - count.sinceMs >= 1000) {
      const untold = count?.untold ?? 0;
      if (untold > 0) onFault('refusals', site, `${site} has refused ${untold} more`);
      count = { sinceMs: now, told: 0, untold: 0 };
      this.#sites.set(site, count);
    }
    if (count.told >= MOST_A_SECOND) count.untold++;
    else {
      count.told++;
      onFault(fault, subject, reason);
    }
  }
}
