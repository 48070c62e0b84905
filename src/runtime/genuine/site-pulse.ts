/** How often daemons are asked whether they are there. */
const ASK_MS = 250;
/** A daemon that has not answered for so long is silent: less may be a busy machine. */
export const SILENT_MS = 1000;

export interface SitePulseOptions {
  monotonicMs(): number;
  ask(site: string): void;
  /** A site has said nothing for `forMs`, or its daemon has ended. */
  onSilent(site: string, forMs: number): void;
  onBack(site: string): void;
}

/** Knows which sites' daemons answer. One of which nothing has been heard yet is neither silent nor there. */
export class SitePulse {
  readonly #options: SitePulseOptions;
  readonly #heardMs = new Map<string, number>();
  readonly #silent = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #lookedMs: number;

  constructor(options: SitePulseOptions) {
    this.#options = options;
    this.#lookedMs = options.monotonicMs();
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), ASK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** It has said something. */
  heard(site: string): void {
    this.#heardMs.set(site, this.#options.monotonicMs());
    if (this.#silent.delete(site)) this.#options.onBack(site);
  }

  /** Its process is gone: that is known at once. */
  ended(site: string): void {
    const heardMs = this.#heardMs.get(site);
    if (heardMs !== undefined) this.#tell(site, this.#options.monotonicMs() - heardMs);
  }

  /** Asks all, and tells who has not answered. */
  look(): void {
    const { ask, monotonicMs } = this.#options;
    const nowMs = monotonicMs();
    // Where this process itself has stood still, nobody could have been heard.
    const stoodMs = Math.max(0, nowMs - this.#lookedMs - 2 * ASK_MS);
    this.#lookedMs = nowMs;
    for (const [site, heardMs] of this.#heardMs) {
      const sinceMs = Math.min(nowMs, heardMs + stoodMs);
      this.#heardMs.set(site, sinceMs);
      if (nowMs - sinceMs > SILENT_MS) this.#tell(site, nowMs - sinceMs);
      ask(site);
    }
  }

  #tell(site: string, forMs: number): void {
    if (this.#silent.has(site)) return;
    this.#silent.add(site);
    this.#options.onSilent(site, forMs);
  }
}
