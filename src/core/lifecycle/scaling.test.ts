import { expect, test } from 'vitest';
import { judgeScaling, NOTHING_PASSED, type ScalingMemory, type ScalingRule } from './scaling.ts';

const RULE: ScalingRule = {
  vnf: 'web',
  aspect: 'by-load',
  policy: 'load',
  criterion: 'cpu',
  vdu: 'vm',
  metric: 'cpu_utilization',
  scaleOut: { operation: 'GE', threshold: 60 },
  scaleIn: { operation: 'LE', threshold: 15 },
  windowMs: 3000,
  cooldownMs: 10_000,
  level: 1,
  maxLevel: 3,
};

/** Judges a reading a second; answers what was decided, and when. */
function run(
  readings: readonly (number | undefined)[],
  rule: Partial<ScalingRule> = {},
  scaledAtMs?: number,
): readonly string[] {
  let memory: ScalingMemory = NOTHING_PASSED;
  return readings.map((reading, second) => {
    const judged = judgeScaling({ ...RULE, ...rule }, memory, reading, scaledAtMs, second * 1000);
    memory = judged.memory;
    return judged.verdict.kind === 'scale' ? judged.verdict.direction : judged.verdict.kind;
  });
}

test('a threshold counts when it has been passed for the whole window, without a break', () => {
  expect(run([70, 70, 70, 70])).toEqual(['wait', 'wait', 'wait', 'out']);
  expect(run([70, 70, 50, 70, 70, 70, 70])).toEqual(['wait', 'wait', 'rest', 'wait', 'wait', 'wait', 'out']);
  expect(run([60, 60, 60, 60])).toEqual(['wait', 'wait', 'wait', 'out']);
  expect(run([10, 10, 10, 10])).toEqual(['wait', 'wait', 'wait', 'in']);
});

test('a measurement that is missing breaks the window', () => {
  expect(run([70, 70, undefined, 70, 70])).toEqual(['wait', 'wait', 'rest', 'wait', 'wait']);
});

test('after it has decided the window begins anew', () => {
  expect(run([70, 70, 70, 70, 70])).toEqual(['wait', 'wait', 'wait', 'out', 'wait']);
});

test('no window: at once', () => {
  expect(run([70], { windowMs: 0 })).toEqual(['out']);
});

test('within the cooldown it waits, and says how long', () => {
  expect(
    run(
      Array.from({ length: 8 }, () => 70),
      {},
      -4000,
    ),
  ).toEqual([...Array.from({ length: 6 }, () => 'wait'), 'out', 'wait']);
  const { verdict } = judgeScaling(RULE, { outSinceMs: 0, inSinceMs: null }, 70, -2000, 5000);
  expect(verdict).toMatchObject({
    kind: 'wait',
    untilMs: 8000,
    reason: expect.stringContaining('it waits 3 s more'),
  });
});

test('at the highest level it says so; at the lowest there is nothing to say', () => {
  const { verdict } = judgeScaling(
    { ...RULE, level: 3 },
    { outSinceMs: 0, inSinceMs: null },
    99,
    undefined,
    9000,
  );
  expect(verdict).toMatchObject({ kind: 'wait', reason: expect.stringContaining('at its highest level, 3') });
  expect(run([1, 1, 1, 1], { level: 0 })).toEqual(['rest', 'rest', 'rest', 'rest']);
});

test('an operation that is not known never counts', () => {
  expect(run([99, 99, 99, 99], { scaleOut: { operation: 'NE', threshold: 1 }, scaleIn: undefined })).toEqual([
    'rest',
    'rest',
    'rest',
    'rest',
  ]);
});
