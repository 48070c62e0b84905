/** For how long something may wait for the block that bears it out, ms: several blocks, also of a busy chain. */
export const AHEAD_WITHIN_MS = 5000;

export interface AheadOfBlocksOptions<T> {
  /** What may wait of one sender, in the sizes that it is taken with. */
  readonly most: number;
  nowMs(): number;
  /** Carries it out or refuses it, and answers true; false: it is early and is tried again. Unless it may wait, it is not early any more. */
  deal(item: T, mayWait: boolean): boolean;
}

interface Waiting<T> {
  readonly item: T;
  readonly size: number;
  readonly sinceMs: number;
}

/**
 * What senders say who have seen a block before we have: it waits, in the order in which each has said it, until we have seen it too. Without,
 * the first that an agent does once it has a key would be lost whenever its guard hears of the block a moment before its daemon.
 */
export class AheadOfBlocks<T> {
  readonly #options: AheadOfBlocksOptions<T>;
  readonly #waiting = new Map<string, Waiting<T>[]>();

  constructor(options: AheadOfBlocksOptions<T>) {
    this.#options = options;
  }

  take(sender: string, item: T, size = 1): void {
    const { deal, most, nowMs } = this.#options;
    const waiting = this.#waiting.get(sender) ?? [];
    const hasRoom = waiting.reduce((sum, each) => sum + each.size, size) <= most;
    // Behind what came before it, for which its turn is not to be lost.
    if (waiting.length === 0 ? deal(item, hasRoom) : !hasRoom && deal(item, false)) return;
    waiting.push({ item, size, sinceMs: nowMs() });
    this.#waiting.set(sender, waiting);
  }

  /** After each block, and from time to time: what has waited for too long is refused then. */
  again(): void {
    const { deal, nowMs } = this.#options;
    for (const [sender, waiting] of this.#waiting) {
      for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
        if (!deal(first.item, nowMs() - first.sinceMs < AHEAD_WITHIN_MS)) break;
        waiting.shift();
      }
      if (waiting.length === 0) this.#waiting.delete(sender);
    }
  }
}
