import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesWithin, goodputIn, goodputSeries } from './goodput.ts';
import { request } from './testing/small-recording.ts';

const requests = fc.array(
  fc
    .record({
      startMs: fc.integer({ min: -2000, max: 20_000 }),
      lifeMs: fc.integer({ min: 0, max: 3000 }),
      bytes: fc.integer({ min: 0, max: 100_000 }),
      inTime: fc.boolean(),
    })
    .map(({ startMs, lifeMs, bytes, inTime }) => request(startMs, startMs + lifeMs, bytes, { inTime })),
  { maxLength: 40 },
);

describe('goodput', () => {
  it('credits a window with the part of a video chunk that came within it', () => {
    expect(goodputIn([request(0, 2000, 100_000)], { startMs: 1500, endMs: 2500 })).toBe(25_000);
  });

  it('credits a request that took no time to the moment of its end', () => {
    const one = request(1000, 1000, 50);
    expect(bytesWithin(one, 1000, 2000)).toBe(50);
    expect(bytesWithin(one, 0, 1000)).toBe(0);
  });

  it('counts nothing of a request that was late', () => {
    expect(goodputIn([request(0, 1000, 50, { inTime: false })], { startMs: 0, endMs: 1000 })).toBe(0);
  });

  it('adds up over neighbouring windows to the whole', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 19_999 }), (all, cut) => {
        const whole = goodputIn(all, { startMs: 0, endMs: 20_000 }) * 20;
        const parts =
          (goodputIn(all, { startMs: 0, endMs: cut }) * cut +
            goodputIn(all, { startMs: cut, endMs: 20_000 }) * (20_000 - cut)) /
          1000;
        expect(parts).toBeCloseTo(whole, 3);
      }),
    );
  });

  it('is the same in a series as window by window', () => {
    const bounds = [0, 250, 500, 900, 2000, 7000, 20_000];
    fc.assert(
      fc.property(requests, (all) => {
        const series = goodputSeries(all, bounds);
        expect(series).toHaveLength(bounds.length - 1);
        series.forEach((figure, at) => {
          const window = { startMs: bounds[at] ?? 0, endMs: bounds[at + 1] ?? 0 };
          expect(figure).toBeCloseTo(goodputIn(all, window), 3);
        });
      }),
    );
  });
});
