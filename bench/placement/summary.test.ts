import { describe, expect, test } from 'vitest';
import type { Outcome } from './job.ts';
import { PLAIN } from './job.ts';
import { studentT } from './student-t.ts';
import { meanOf } from './summary.ts';
import { judge } from './targets.ts';

describe('the interval of a mean', () => {
  test('is Student’s, for twenty seeds as for two', () => {
    // Tables of t at 97.5 %: 1, 15, 16, 19, 30, 40, 120 degrees of freedom.
    const tabled = { 1: 12.706, 15: 2.131, 16: 2.12, 19: 2.093, 30: 2.042, 40: 2.021, 120: 1.98 };
    for (const [degrees, t] of Object.entries(tabled)) expect(studentT(Number(degrees))).toBeCloseTo(t, 3);
    const twenty = Array.from({ length: 20 }, (_, index) => index);
    expect(meanOf(twenty)?.half).toBeCloseTo((2.093 * Math.sqrt(35)) / Math.sqrt(20), 6);
    expect(meanOf([5])?.half).toBeNaN();
  });
});

describe('the targets', () => {
  const run = (variant: string, arm: Outcome['job']['arm'], acceptance: number): Outcome => ({
    job: { ...PLAIN, topology: 'Geant', seed: 1, variant, arm },
    figures: { acceptance },
    requestsHash: '',
  });
  const four = (figures: Record<string, number>): Outcome => ({
    job: {
      ...PLAIN,
      kind: 'four-sites',
      topology: 'Geant',
      arm: 'auction between agents',
      seed: 1,
      variant: 'four sites',
    },
    figures,
    requestsHash: '',
  });

  test('of bursts tell both what is lost to one at a time and what to one who sees everything', () => {
    const verdicts = judge(
      [],
      [
        run('plain', 'auction between agents', 78),
        run('bursts of 20', 'auction between agents', 66),
        run('bursts of 20', 'central greedy', 65),
      ],
    ).filter(({ target }) => target.startsWith('bursts of 20'));
    expect(verdicts).toEqual([
      {
        target: 'bursts of 20: at most 10 points of acceptance lost to one at a time',
        measured: '12.0 points',
        met: false,
      },
      {
        target: 'bursts of 20: at most 10 points of acceptance lost to the central greedy on the same',
        measured: '-1.0 points',
        met: true,
      },
    ]);
  });

  test('of the four sites are judged with and without placed services that make room', () => {
    const verdicts = judge([], [four({ auction: 90, reAuction: 96, optimum: 100 })]);
    expect(verdicts.filter(({ target }) => target.startsWith('4 sites'))).toEqual([
      {
        target: '4 sites, where nobody moves (migration: off): at least 95 % of the hindsight optimum',
        measured: '90.0 % of 1 proved optima',
        met: false,
      },
      {
        target: '4 sites, where placed services make room: at least 95 %',
        measured: '96.0 % of 1 proved optima',
        met: true,
      },
    ]);
  });
});
