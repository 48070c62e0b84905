import { describe, expect, test } from 'vitest';
import {
  judgeScaling,
  NOTHING_PASSED,
  type RuleCriterion,
  type ScalingMemory,
  type ScalingRule,
} from './scaling.ts';

const CPU: RuleCriterion = {
  name: 'cpu',
  vdu: 'vm',
  metric: 'cpu_utilization',
  scaleOut: { operation: 'GE', threshold: 60 },
  scaleIn: { operation: 'LE', threshold: 15 },
};
const MEMORY: RuleCriterion = { ...CPU, name: 'memory', metric: 'average_memory_utilization' };

const RULE: ScalingRule = {
  vnf: 'web',
  aspect: 'by-load',
  policy: 'load',
  criteria: [CPU],
  outWhen: 'OR',
  inWhen: 'AND',
  windowMs: 3000,
  cooldownMs: 10_000,
  level: 1,
  maxLevel: 3,
};

/** Judges a reading a second, or one of each criterion; answers what was decided, and when. */
function run(
  readings: readonly (number | undefined | readonly (number | undefined)[])[],
  rule: Partial<ScalingRule> = {},
  scaledAtMs?: number,
): readonly string[] {
  let memory: ScalingMemory = NOTHING_PASSED;
  return readings.map((reading, second) => {
    const judged = judgeScaling({ ...RULE, ...rule }, memory, [reading].flat(), scaledAtMs, second * 1000);
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
  const { verdict } = judgeScaling(RULE, { outSinceMs: [0], inSinceMs: [null] }, [70], -2000, 5000);
  expect(verdict).toMatchObject({
    kind: 'wait',
    untilMs: 8000,
    reason: expect.stringContaining('it waits 3 s more'),
  });
});

test('at the highest level it says so; at the lowest there is nothing to say', () => {
  const { verdict } = judgeScaling(
    { ...RULE, level: 3 },
    { outSinceMs: [0], inSinceMs: [null] },
    [99],
    undefined,
    9000,
  );
  expect(verdict).toMatchObject({ kind: 'wait', reason: expect.stringContaining('at its highest level, 3') });
  expect(run([1, 1, 1, 1], { level: 0 })).toEqual(['rest', 'rest', 'rest', 'rest']);
});

test('an operation that is not known never counts', () => {
  expect(
    run([99, 99, 99, 99], {
      criteria: [{ ...CPU, scaleOut: { operation: 'NE', threshold: 1 }, scaleIn: undefined }],
    }),
  ).toEqual(['rest', 'rest', 'rest', 'rest']);
});

describe('of several criteria', () => {
  const BOTH = { criteria: [CPU, MEMORY], windowMs: 2000 };

  test('any one counts with OR, and the one that has been passed longest', () => {
    const readings = [
      [70, 20],
      [70, 80],
      [70, 80],
    ];
    expect(run(readings, BOTH)).toEqual(['wait', 'wait', 'out']);
    // What two pass by turns neither has passed for the whole window.
    expect(
      run(
        [
          [70, 20],
          [20, 80],
          [70, 20],
          [20, 80],
        ],
        BOTH,
      ),
    ).toEqual(['wait', 'wait', 'wait', 'wait']);
    const { verdict } = judgeScaling(
      { ...RULE, ...BOTH, windowMs: 0 },
      NOTHING_PASSED,
      [20, 80],
      undefined,
      0,
    );
    expect(verdict).toMatchObject({
      kind: 'scale',
      reason: expect.stringMatching(/^average_memory_utilization of web is 80 \(GE 60\): /),
    });
  });

  test('all count with AND, for the whole window together, and all are told', () => {
    expect(
      run(
        [
          [70, 20],
          [70, 80],
          [70, 80],
          [70, 80],
        ],
        { ...BOTH, outWhen: 'AND' },
      ),
    ).toEqual(['rest', 'wait', 'wait', 'out']);
    expect(
      run(
        [
          [10, 90],
          [10, 10],
          [10, 10],
          [10, 10],
        ],
        { ...BOTH, outWhen: 'AND' },
      ),
    ).toEqual(['rest', 'wait', 'wait', 'in']);
    expect(
      run(
        [
          [10, 40],
          [10, 40],
          [10, 40],
        ],
        { ...BOTH, inWhen: 'OR' },
      ),
    ).toEqual(['wait', 'wait', 'in']);
    const both = { ...RULE, ...BOTH, windowMs: 0 };
    expect(judgeScaling(both, NOTHING_PASSED, [10, 12], undefined, 0).verdict).toMatchObject({
      reason: expect.stringContaining('cpu_utilization of web is 10 (LE 15) and average_memory'),
    });
  });

  test('one that is not measured keeps all from being met, and not any; one without a threshold is not asked', () => {
    const low = [
      [10, undefined],
      [10, undefined],
      [10, undefined],
    ];
    expect(run(low, BOTH)).toEqual(['rest', 'rest', 'rest']);
    expect(run(low, { ...BOTH, inWhen: 'OR' })).toEqual(['wait', 'wait', 'in']);
    const unbounded = { ...BOTH, criteria: [CPU, { ...MEMORY, scaleIn: undefined }] };
    expect(
      run(
        [
          [10, 50],
          [10, 50],
          [10, 50],
        ],
        unbounded,
      ),
    ).toEqual(['wait', 'wait', 'in']);
  });
});
