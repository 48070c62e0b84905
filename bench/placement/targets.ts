import type { Verdict } from '../targets.ts';
import type { Outcome } from './job.ts';
import type { Mean, Row } from './summary.ts';
import { meanOf, partOfOptimum, textOf } from './summary.ts';

/** What GRC-Rank's authors of the benchmark published: acceptance in per cent, and revenue to cost. */
export const PUBLISHED_GRC = { Geant: [36.7, 0.47], Waxman100: [58.9, 0.56] } as const;

const LEAST = { Geant: 75, Waxman100: 92 } as const;

/** Compares what was measured with the targets of placement; what was not measured is not met. */
export function judge(rows: readonly Row[], outcomes: readonly Outcome[]): readonly Verdict[] {
  const row = (topology: string, arm: string, variant = 'plain') =>
    rows.find((each) => each.topology === topology && each.arm === arm && each.variant === variant);
  const of = (topology: string, arm: string, figure: string, variant = 'plain') =>
    row(topology, arm, variant)?.figures[figure];
  const verdict = (
    target: string,
    value: number | undefined,
    measured: string,
    met: (value: number) => boolean,
  ): Verdict =>
    value === undefined || !Number.isFinite(value)
      ? { target, measured: 'not measured', met: false }
      : { target, measured, met: met(value) };
  const auction = 'auction between agents';
  const perTopology = (['Geant', 'Waxman100'] as const).flatMap((topology) => {
    const accepted = of(topology, auction, 'acceptance');
    const central = of(topology, 'central greedy', 'acceptance');
    const ratio = of(topology, auction, 'revenueToCost');
    const centralRatio = of(topology, 'central greedy', 'revenueToCost');
    return [
      verdict(
        `${topology}: acceptance at least that of the central greedy less 1 point`,
        difference(accepted, central),
        `${textOf(accepted, 1)} against ${textOf(central, 1)} %`,
        (points) => points >= -1,
      ),
      verdict(
        `${topology}: revenue/cost at least that of the central greedy less 0.01`,
        difference(ratio, centralRatio),
        `${textOf(ratio, 3)} against ${textOf(centralRatio, 3)}`,
        (points) => points >= -0.01,
      ),
      verdict(
        `${topology}: acceptance at least ${LEAST[topology]} %`,
        accepted?.mean,
        `${textOf(accepted, 1)} %`,
        (value) => value >= LEAST[topology],
      ),
    ];
  });
  const plain = { arm: auction, variant: 'plain' };
  // Bursts are harder for everybody: beside the target stands what the agents lose to one who sees everything on the same bursts.
  const stress = (
    [
      ['views 0.1 old', 3, '', plain],
      ['views 0.5 old', 10, '', plain],
      ['bursts of 20', 10, ' to one at a time', plain],
      [
        'bursts of 20',
        10,
        ' to the central greedy on the same',
        { arm: 'central greedy', variant: 'bursts of 20' },
      ],
    ] as const
  ).map(([variant, most, to, reference]) => {
    const loss = sameSeeds(outcomes, variant, reference);
    return verdict(
      `${variant}: at most ${most} points of acceptance lost${to}`,
      loss?.mean,
      `${textOf(loss, 1)} points`,
      (points) => points <= most,
    );
  });
  const times = row('Geant', auction, 'decision times')?.figures ?? {};
  const left = outcomes.reduce((sum, { figures }) => sum + (figures['bookingsLeft'] ?? 0), 0);
  const unanswered = outcomes.reduce((sum, { figures }) => sum + (figures['unanswered'] ?? 0), 0);
  const fourSites = (
    [
      ['auction', '4 sites, where nobody moves (migration: off): at least 95 % of the hindsight optimum'],
      ['reAuction', '4 sites, where placed services make room: at least 95 %'],
    ] as const
  ).map(([arm, target]) => {
    const part = partOfOptimum(outcomes, arm);
    const measured = `${textOf(part, 1)} % of ${part?.seeds ?? 0} proved optima`;
    return verdict(target, part?.mean, measured, (reached) => reached >= 95);
  });
  return [
    ...perTopology,
    ...stress,
    ...fourSites,
    verdict(
      'every request answered, no booking left',
      left + unanswered,
      `${unanswered} and ${left}`,
      (n) => n === 0,
    ),
    verdict(
      'one service at a time, p99: under 50 ms',
      times['oneAtATimeP99Ms']?.mean,
      `${textOf(times['oneAtATimeP99Ms'], 1)} ms`,
      (ms) => ms < 50,
    ),
    verdict(
      '200 outstanding, p99: under 2 s',
      times['outstanding200P99Ms']?.mean,
      `${textOf(times['outstanding200P99Ms'], 0)} ms`,
      (ms) => ms < 2000,
    ),
  ];
}

function difference(one: Mean | undefined, other: Mean | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one.mean - other.mean;
}

/** Points of acceptance that the auction loses under stress to the reference, on the seeds that were run with both. */
function sameSeeds(
  outcomes: readonly Outcome[],
  variant: string,
  reference: { readonly arm: string; readonly variant: string },
): Mean | undefined {
  const accepted = (seed: number) =>
    outcomes.find(
      ({ job }) =>
        job.topology === 'Geant' &&
        job.arm === reference.arm &&
        job.variant === reference.variant &&
        job.seed === seed,
    )?.figures['acceptance'];
  return meanOf(
    outcomes.flatMap(({ job, figures }) => {
      if (job.variant !== variant || job.arm !== 'auction between agents') return [];
      const [there, here] = [accepted(job.seed), figures['acceptance']];
      return there === undefined || here === undefined ? [] : [there - here];
    }),
  );
}
