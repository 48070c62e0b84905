import fc from 'fast-check';
import { expect, it } from 'vitest';
import { roundOrder } from './round-order.ts';

const groupOf = (sizes: readonly number[]) =>
  new Map(
    sizes.flatMap((size, site) =>
      Array.from({ length: size }, (_, n) => [String(`a${site}-${n}`), `s${site}`] as const),
    ),
  );

it('the fullest site has every other place, so that neighbours are behind different guards', () => {
  const siteOf = new Map([
    ['a1', 'west'],
    ['a2', 'west'],
    ['a3', 'east'],
    ['a4', 'core'],
    ['a5', 'core'],
    ['a6', 'core'],
  ]);
  expect(roundOrder(siteOf)).toEqual(['a4', 'a1', 'a5', 'a2', 'a6', 'a3']);
  expect(roundOrder(new Map())).toEqual([]);
});

it('each agent has one turn, and no more follow one of their own site than must', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 }), (sizes) => {
      const siteOf = groupOf(sizes);
      const order = roundOrder(siteOf);
      expect([...order].sort()).toEqual([...siteOf.keys()].sort());
      const alike = order.filter((name, place) => siteOf.get(name) === siteOf.get(order.at(place - 1) ?? ''));
      expect(alike.length).toBe(Math.max(0, 2 * Math.max(...sizes) - siteOf.size));
    }),
  );
});
