import { expect, test } from 'vitest';
import { judgeHealing } from './healing.ts';
import { judgePartition } from './partition.ts';

const RULE = { automatic: true, cooldownMs: 180_000, day1: false };

test('healing: at once the first time, then after the cooldown, saying that it waits', () => {
  expect(judgeHealing(RULE, 'web/vm/0 has failed', undefined, 5)).toEqual({
    kind: 'heal',
    reason: 'web/vm/0 has failed',
  });
  expect(judgeHealing(RULE, 'web/vm/1 has failed', 1000, 31_000)).toEqual({
    kind: 'wait',
    untilMs: 181_000,
    reason: 'web/vm/1 has failed: it was healed 30 s ago, and the cooldown is 180 s: it is healed in 150 s',
  });
  expect(judgeHealing(RULE, 'web/vm/1 has failed', 1000, 181_000).kind).toBe('heal');
});

test('healing that the descriptor leaves to the operator is left, and it is said how', () => {
  expect(judgeHealing({ ...RULE, automatic: false }, 'web/vm/0 has failed', undefined, 0)).toMatchObject({
    kind: 'leave',
    reason: expect.stringContaining('muster service heal'),
  });
});

test.each([
  ['move', 0, 'wait'],
  ['move', 1999, 'wait'],
  ['move', 2000, 'move'],
  ['fence', 1000, 'wait'],
  ['fence', 2000, 'fence'],
  ['stay', 0, 'stay'],
  ['stay', 900_000, 'stay'],
] as const)('a site that is silent, onPartition %s, for %i ms: %s', (onPartition, silentMs, kind) => {
  const verdict = judgePartition({ onPartition, partitionGraceMs: 2000 }, 'north', 1000, 1000 + silentMs);
  expect(verdict.kind).toBe(kind);
  expect(verdict.reason).toContain('north');
});
