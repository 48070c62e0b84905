import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deadlines } from './deadlines.ts';

test('deadlines set, moved and taken off in any order: the earliest and the due ones are those of a plain list', () => {
  const operation = fc.record({
    item: fc.integer({ min: 0, max: 8 }),
    atMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(Number.POSITIVE_INFINITY)),
  });
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 60 }),
      fc.integer({ min: 0, max: 50 }),
      (operations, nowMs) => {
        const deadlines = new Deadlines<number>();
        const plain = new Map<number, number>();
        for (const { item, atMs } of operations) {
          deadlines.set(item, atMs);
          plain.set(item, atMs);
          expect(deadlines.earliestMs()).toBe(Math.min(...plain.values()));
        }
        const due = [...plain].filter(([, atMs]) => atMs <= nowMs).map(([item]) => item);
        expect([...deadlines.due(nowMs)].sort()).toEqual(due.sort());
        expect(deadlines.size).toBe([...plain.values()].filter(Number.isFinite).length);
      },
    ),
  );
});
