import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acrossPercent, ticks } from './axis.ts';

describe('ticks', () => {
  it('are multiples of 1, 2 or 5 times a power of ten', () => {
    expect(ticks(0, 120, 8)).toEqual([0, 20, 40, 60, 80, 100, 120]);
    expect(ticks(9.03, 15.8, 8)).toEqual([10, 11, 12, 13, 14, 15]);
    expect(ticks(0, 0.9, 4)).toEqual([0, 0.5]);
  });

  it('stay within the range, ascend, and are not many, whatever the range', () => {
    const range = fc.tuple(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
    );
    fc.assert(
      fc.property(range, fc.integer({ min: 1, max: 12 }), ([from, width], about) => {
        const marks = ticks(from, from + width, about);
        const slack = width * 1e-6 + Math.abs(from) * 1e-9;
        expect(marks.length).toBeLessThanOrEqual(2 * about + 2);
        marks.forEach((mark, at) => {
          expect(mark).toBeGreaterThanOrEqual(from - slack);
          expect(mark).toBeLessThanOrEqual(from + width + slack);
          if (at > 0) expect(mark).toBeGreaterThan(marks[at - 1] ?? Number.POSITIVE_INFINITY);
        });
      }),
    );
  });
});

describe('acrossPercent', () => {
  it('holds a moment outside the range at its edge', () => {
    const range = { fromMs: 1000, toMs: 3000 };
    expect([500, 1000, 1500, 3000, 9000].map((tMs) => acrossPercent(range, tMs))).toEqual([
      0, 0, 25, 100, 100,
    ]);
  });
});
