import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BundleOffer } from './bundle.ts';
import { MAX_BUNDLE, solveBundle } from './bundle.ts';
import { tieBreak } from './tie-break.ts';

/** Every choice of at most one offer a bidder, looked at one by one: the lowest price, and of those the lowest sum of draws. */
function bruteForce(goalCount: number, offers: readonly BundleOffer[]): { price: number; lots: number } {
  const bidders = [...new Set(offers.map((each) => each.bidder))];
  const none = { price: Number.POSITIVE_INFINITY, lots: Number.POSITIVE_INFINITY };
  const best = (at: number, covered: ReadonlySet<number>): { price: number; lots: number } => {
    if (at === bidders.length) return covered.size === goalCount ? { price: 0, lots: 0 } : none;
    let found = best(at + 1, covered);
    for (const { bidder, goals, price } of offers) {
      if (bidder !== bidders[at] || goals.some((goal) => covered.has(goal))) continue;
      const rest = best(at + 1, new Set([...covered, ...goals]));
      const sum = { price: price + rest.price, lots: tieBreak('c', bidder) + rest.lots };
      if (sum.price < found.price || (sum.price === found.price && sum.lots < found.lots)) found = sum;
    }
    return found;
  };
  return best(0, new Set());
}

describe('goals auctioned together', () => {
  test('go to the cheapest exact cover, as looking at every choice finds it', () => {
    const offer = (count: number) =>
      fc.record({
        bidder: fc.constantFrom('b1', 'b2', 'b3', 'b4', 'b5', 'b6'),
        goals: fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { minLength: 1, maxLength: count }),
        // Whole numbers, few of them: sums are exact and ties are many.
        price: fc.integer({ min: 0, max: 6 }),
      });
    const problem = fc
      .integer({ min: 1, max: 4 })
      .chain((count) =>
        fc.record({ count: fc.constant(count), offers: fc.array(offer(count), { maxLength: 14 }) }),
      );
    fc.assert(
      fc.property(problem, ({ count, offers }) => {
        const solution = solveBundle('c', count, offers);
        const expected = bruteForce(count, offers);
        if (!solution.ok) {
          expect(expected.price).toBe(Number.POSITIVE_INFINITY);
          return;
        }
        expect(solution.price).toBe(expected.price);
        const lots = solution.taken.reduce((sum, each) => sum + tieBreak('c', each.bidder), 0);
        expect(lots).toBe(expected.lots);
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

  test('however many offers come, the work is bounded: 1500 bidders that price 256 sets of twelve goals each', () => {
    const offers: BundleOffer[] = [];
    for (let bidder = 0; bidder < 1500; bidder++) {
      for (let at = 0; at < 256; at++) {
        const mask = ((bidder * 256 + at) % 4095) + 1;
        const goals = Array.from({ length: MAX_BUNDLE }, (_, goal) => goal).filter(
          (goal) => (mask >> goal) & 1,
        );
        offers.push({ bidder: `b${bidder}`, goals, price: 1 + ((bidder * 31 + at * 17) % 97) / 97 });
      }
    }
    const solution = solveBundle('c', MAX_BUNDLE, offers);
    // Every set is priced, and none below 1: one offer for everything is the cheapest.
    expect(solution).toMatchObject({ ok: true, taken: [{ goals: { length: MAX_BUNDLE } }] });
  });
});
