import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundOrder } from './round-order.ts';
import { verifiersInOrder } from './verifiers.ts';

const groups = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 7 }).map((sizes) => ({
  sizes,
  siteOf: new Map(
    sizes.flatMap((size, site) =>
      Array.from({ length: size }, (_, n) => [`a${site}-${n}`, `s${site}`] as const),
    ),
  ),
}));

describe('verifiers', () => {
  it('are as many as asked for or as there are other sites, of different sites, and never of the own one', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 4 }), ({ siteOf, sizes }, perRound) => {
        const order = roundOrder(siteOf);
        for (const { of, by } of verifiersInOrder(order, (name) => siteOf.get(name), perRound)) {
          const sites = by.map((name) => siteOf.get(name));
          if (sizes.length === 1) {
            expect(new Set([...by, of]).size).toBe(1 + Math.min(perRound, siteOf.size - 1));
            continue;
          }
          expect(by).toHaveLength(Math.min(perRound, sizes.length - 1));
          expect(new Set([...sites, siteOf.get(of)]).size).toBe(by.length + 1);
        }
      }),
    );
  });

  it('one each: whoever comes before vouches for whom comes next, so all have as much to do', () => {
    fc.assert(
      fc.property(groups, ({ siteOf, sizes }) => {
        fc.pre(2 * Math.max(...sizes) <= siteOf.size);
        const order = roundOrder(siteOf);
        const vouching = verifiersInOrder(order, (name) => siteOf.get(name), 1);
        expect(vouching.map(({ by }) => by)).toEqual(order.map((_, place) => [order.at(place - 1)]));
      }),
    );
  });

  it('are spread as evenly as sites allow: the busiest has at most one more than it must', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 4 }), ({ siteOf, sizes }, asked) => {
        fc.pre(sizes.length > 1);
        const perRound = Math.min(asked, sizes.length - 1);
        const order = roundOrder(siteOf);
        const load = new Map(order.map((name) => [name, 0]));
        for (const name of verifiersInOrder(order, (each) => siteOf.get(each), perRound).flatMap(
          ({ by }) => by,
        )) {
          load.set(name, (load.get(name) ?? 0) + 1);
        }
        // What has to be done without one site, by all others; and by any set of sites that is too few for a round.
        const ranked = sizes.toSorted((a, b) => b - a);
        const least = Math.max(
          perRound,
          ...ranked.map((_, taken) => {
            // The `taken` fullest sites can give one seat to each round outside them, and one less seat to their own.
            const outside = ranked.slice(taken).reduce((sum, size) => sum + size, 0);
            const inside = siteOf.size - outside;
            const seats =
              outside * Math.max(0, perRound - taken) + inside * Math.max(0, perRound - (taken - 1));
            return outside === 0 || taken === 0 ? 0 : seats / outside;
          }),
        );
        expect(Math.max(...load.values())).toBeLessThanOrEqual(Math.ceil(least) + 1);
      }),
    );
  });
});
