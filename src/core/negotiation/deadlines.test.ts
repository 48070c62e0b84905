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
        const due = [...plain].filter(([, atMs]) => atMs <= nowMs).sort(([, a], [, b]) => a - b);
        expect(deadlines.due(nowMs).map((item) => plain.get(item))).toEqual(due.map(([, atMs]) => atMs));
        expect([...deadlines.due(nowMs)].sort()).toEqual(due.map(([item]) => item).sort());
        expect(deadlines.size).toBe([...plain.values()].filter(Number.isFinite).length);
      },
    ),
  );
});

test('items that are due at the same time come in the order in which they were set, whatever was taken off between', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 40 }),
      fc.nat(),
      (items, pick) => {
        const deadlines = new Deadlines<number>();
        for (const item of items) deadlines.set(item, 100 + item);
        const gone = items[pick % Math.max(1, items.length)];
        if (gone !== undefined) deadlines.delete(gone);
        for (const item of items) if (item !== gone) deadlines.set(item, 7);
        expect(deadlines.due(7)).toEqual(items.filter((item) => item !== gone));
      },
    ),
  );
});
