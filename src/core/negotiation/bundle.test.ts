import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BundleOffer } from './bundle.ts';
import { MAX_BUNDLE, solveBundle } from './bundle.ts';

/** Every choice of at most one offer a bidder, looked at one by one. */
function bruteForce(goalCount: number, offers: readonly BundleOffer[]): number {
  const bidders = [...new Set(offers.map((each) => each.bidder))];
  const cheapest = (at: number, covered: ReadonlySet<number>): number => {
    if (at === bidders.length) return covered.size === goalCount ? 0 : Number.POSITIVE_INFINITY;
    let best = cheapest(at + 1, covered);
    for (const { bidder, goals, price } of offers) {
      if (bidder !== bidders[at] || goals.some((goal) => covered.has(goal))) continue;
      best = Math.min(best, price + cheapest(at + 1, new Set([...covered, ...goals])));
    }
    return best;
  };
  return cheapest(0, new Set());
}

describe('goals auctioned together', () => {
  test('go to the cheapest exact cover, as looking at every choice finds it', () => {
    const offer = (count: number) =>
      fc.record({
        bidder: fc.constantFrom('b1', 'b2', 'b3', 'b4'),
        goals: fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { minLength: 1, maxLength: count }),
        price: fc.integer({ min: 0, max: 20 }).map((value) => value / 10),
      });
    const problem = fc
      .integer({ min: 1, max: 4 })
      .chain((count) =>
        fc.record({ count: fc.constant(count), offers: fc.array(offer(count), { maxLength: 9 }) }),
      );
    fc.assert(
      fc.property(problem, ({ count, offers }) => {
        const solution = solveBundle('c', count, offers);
        const expected = bruteForce(count, offers);
        if (!solution.ok) {
          expect(expected).toBe(Number.POSITIVE_INFINITY);
          return;
        }
        expect(solution.price).toBeCloseTo(expected, 9);
        const goals = solution.taken.flatMap((each) => each.goals);
        expect([...goals].sort()).toEqual(Array.from({ length: count }, (_, goal) => goal));
        expect(new Set(solution.taken.map((each) => each.bidder)).size).toBe(solution.taken.length);
      }),
      { numRuns: 500 },
    );
  });

  test('do not depend on the order of the offers, and ties do not always go to the same bidder', () => {
    const offers = ['b1', 'b2', 'b3'].map((bidder) => ({ bidder, goals: [0], price: 0.5 }));
    const winners = new Set<string>();
    for (let auction = 0; auction < 30; auction++) {
      const forth = solveBundle(`c${auction}`, 1, offers);
      const back = solveBundle(`c${auction}`, 1, offers.toReversed());
      expect(back).toEqual(forth);
      if (forth.ok) winners.add(forth.taken[0]?.bidder ?? '');
    }
    expect(winners.size).toBe(3);
  });

  test('are solved exactly up to the bound, and refused beyond it', () => {
    const offers = Array.from({ length: 60 }, (_, at) => ({
      bidder: `b${at}`,
      goals: [at % MAX_BUNDLE, (at * 5 + 1) % MAX_BUNDLE].filter(
        (goal, index, all) => all.indexOf(goal) === index,
      ),
      price: 1 + (at % 7) / 10,
    }));
    expect(solveBundle('c', MAX_BUNDLE, offers).ok).toBe(true);
    expect(solveBundle('c', MAX_BUNDLE + 1, offers)).toMatchObject({ ok: false });
    expect(solveBundle('c', 2, [{ bidder: 'b', goals: [0, 0, 7], price: 1 }])).toMatchObject({ ok: false });
  });
});
