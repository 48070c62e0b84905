import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplayWindow } from './replay-window.ts';

/** Remembers everything: what the window does in a few words of memory. */
class NaiveWindow {
  readonly #seen = new Set<number>();
  #highest = 0;

  isNew(seq: number): boolean {
    return seq > this.#highest - 256 && !this.#seen.has(seq);
  }

  mark(seq: number): void {
    this.#seen.add(seq);
    this.#highest = Math.max(this.#highest, seq);
  }
}

describe('a replay window', () => {
  it('answers as one that remembers everything of the last 256 would', () => {
    const step = fc.oneof(fc.integer({ min: -300, max: 20 }), fc.integer({ min: 200, max: 600 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const window = new ReplayWindow();
        const naive = new NaiveWindow();
        let at = 300;
        for (const by of steps) {
          const seq = Math.max(0, at + by);
          if (by > 0) at = seq;
          expect(window.isNew(seq)).toBe(naive.isNew(seq));
          if (window.isNew(seq)) {
            window.mark(seq);
            naive.mark(seq);
          }
          expect(window.isNew(seq)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('holds at the ends of what numbers can be', () => {
    const window = new ReplayWindow();
    expect(window.isNew(0)).toBe(true);
    window.mark(0);
    expect(window.isNew(0)).toBe(false);
    window.mark(Number.MAX_SAFE_INTEGER);
    expect(window.isNew(Number.MAX_SAFE_INTEGER)).toBe(false);
    expect(window.isNew(Number.MAX_SAFE_INTEGER - 255)).toBe(true);
    expect(window.isNew(Number.MAX_SAFE_INTEGER - 256)).toBe(false);
    expect(window.isNew(1)).toBe(false);
  });

  it('a number far below the window changes nothing', () => {
    const window = new ReplayWindow();
    window.mark(Number.MAX_SAFE_INTEGER);
    window.mark(1);
    expect(window.isNew(Number.MAX_SAFE_INTEGER - 1)).toBe(true);
  });
});
