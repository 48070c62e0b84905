import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BidInput } from './bid.ts';
import { bid } from './bid.ts';

const idle: BidInput = {
  mode: 'headroom',
  costWeight: 0.5,
  cost: 0,
  costParts: [],
  cpu: { used: 0, total: 8 },
  memoryGb: { used: 0, total: 8 },
  demand: { cpu: 0, memoryGb: 0 },
};
const priceOf = (input: Partial<BidInput>) => {
  const made = bid({ ...idle, ...input });
  if (made.kind !== 'propose') throw new Error(made.reason);
  return made.price;
};

describe('the price', () => {
  test.each<[string, Partial<BidInput>, number]>([
    ['headroom, idle', {}, 0],
    // U = (1 - 2/8)(1 - 4/8) = 0.375; p = 0.5 * 0.2 + 0.5 * 0.625
    ['headroom, after placing', { cost: 0.2, demand: { cpu: 2, memoryGb: 4 } }, 0.4125],
    // U = 1 - 0.5 * 0.25 = 0.875
    ['ordered', { mode: 'ordered', cpu: { used: 4, total: 8 }, memoryGb: { used: 2, total: 8 } }, 0.0625],
    // 1 / (0.5 * 0.25) = 8, clamped to 1: a busy host looks as good as an idle one, which is why it is not the default.
    ['literal', { mode: 'literal', cpu: { used: 4, total: 8 }, memoryGb: { used: 2, total: 8 } }, 0],
    [
      'cost alone counts with all the weight on it',
      { costWeight: 1, cost: 0.3, cpu: { used: 8, total: 8 } },
      0.3,
    ],
  ])('%s', (_, input, price) => {
    expect(priceOf(input)).toBeCloseTo(price, 10);
  });

  test('is in [0, 1], and its parts add up to it', () => {
    const usage = fc.record({ used: fc.double({ min: 0, max: 8, noNaN: true }), total: fc.constant(8) });
    fc.assert(
      fc.property(
        fc.constantFrom('headroom' as const, 'ordered' as const, 'literal' as const),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
        usage,
        usage,
        (mode, costWeight, costs, cpu, memoryGb) => {
          // Together they may be more than 1, as when an activation comes to what is dear already.
          const costParts = costs.map((value, index) => ({ name: `part ${index}`, value }));
          const cost = costs.reduce((sum, each) => sum + each, 0);
          const made = bid({ ...idle, mode, costWeight, cost, costParts, cpu, memoryGb });
          if (made.kind !== 'propose') return;
          expect(made.price).toBeGreaterThanOrEqual(0);
          expect(made.price).toBeLessThanOrEqual(1);
          expect(made.parts.reduce((sum, part) => sum + part.value, 0)).toBeCloseTo(made.price, 9);
        },
      ),
    );
  });

  test('`ordered` ranks hosts as the paper’s 1/(c m) does', () => {
    const share = fc.double({ min: 0.05, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, share, (c1, m1, c2, m2) => {
        const ordered = (c: number, m: number) =>
          priceOf({ mode: 'ordered', cpu: { used: c, total: 1 }, memoryGb: { used: m, total: 1 } });
        fc.pre(Math.abs(c1 * m1 - c2 * m2) > 1e-6);
        expect(ordered(c1, m1) < ordered(c2, m2)).toBe(1 / (c1 * m1) > 1 / (c2 * m2));
      }),
    );
  });
});

describe('a host without headroom', () => {
  test('refuses, and names what is short', () => {
    const full = bid({ ...idle, cpu: { used: 7, total: 8 }, demand: { cpu: 2, memoryGb: 1 } });
    expect(full).toMatchObject({ kind: 'refuse', reason: 'no headroom: cpu 113 % after placing' });
    const both = bid({
      ...idle,
      cpu: { used: 8, total: 8 },
      memoryGb: { used: 15, total: 8 },
      demand: { cpu: 1, memoryGb: 1 },
    });
    expect(both).toMatchObject({ reason: 'no headroom: cpu 113 % and memory 200 % after placing' });
    const memory = bid({ ...idle, memoryGb: { used: 8, total: 8 }, demand: { cpu: 1, memoryGb: 1 } });
    expect(memory).toMatchObject({ kind: 'refuse', reason: 'no headroom: memory 113 % after placing' });
  });

  test('an overloaded agent that plays the role already loses to one that has to activate the capability first', () => {
    const overloaded = priceOf({ cost: 0.1, cpu: { used: 7.8, total: 8 }, memoryGb: { used: 7, total: 8 } });
    const inactive = priceOf({
      cost: 0.05 + 0.3,
      cpu: { used: 1, total: 8 },
      demand: { cpu: 1, memoryGb: 1 },
    });
    expect(inactive).toBeLessThan(overloaded);
  });
});
