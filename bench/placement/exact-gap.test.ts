import { expect, test } from 'vitest';
import { CHAIN_TERMS } from '../../src/core/negotiation/chain-spec.ts';
import { byAuction, bySearch, gapInstance, gapOf } from './exact-gap.ts';

test('an auction between agents comes to what the central search with the same bids does, where no view is stale', () => {
  const costs = [1, 2, 3, 4].map((number) => {
    const instance = gapInstance(number);
    const auction = byAuction(instance, number, CHAIN_TERMS);
    expect(auction).toBe(bySearch(instance, CHAIN_TERMS));
    return auction ?? 0;
  });
  expect(Math.max(...costs)).toBeGreaterThan(0);
});

test('the gap is that of the auction, unless the central search is asked for', () => {
  const gap = {
    number: 1,
    functions: 2,
    auction: 1.1,
    central: 1.2,
    optimum: 1,
    bound: 1,
    kind: 'optimal',
    seconds: 0,
  };
  expect(gapOf(gap)).toBeCloseTo(10, 9);
  expect(gapOf(gap, 'central')).toBeCloseTo(20, 9);
  expect(gapOf({ ...gap, auction: undefined })).toBeUndefined();
});
