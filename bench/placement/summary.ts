import type { Outcome } from './job.ts';

/** A mean over seeds with its 95 % confidence interval. */
export interface Mean {
  readonly mean: number;
  /** Half the width of the interval; NaN with one seed. */
  readonly half: number;
  readonly seeds: number;
}

/** Student's t at 97.5 %, by degrees of freedom from 1. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
];

export function meanOf(samples: readonly number[]): Mean | undefined {
  const seeds = samples.length;
  if (seeds === 0) return undefined;
  const mean = samples.reduce((sum, each) => sum + each, 0) / seeds;
  const variance = samples.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (seeds - 1);
  const t = T[seeds - 2] ?? 1.96;
  return { mean, half: t * Math.sqrt(variance / seeds), seeds };
}

/** One line of the table: an arm on a topology in one variant. */
export interface Row {
  readonly topology: string;
  readonly variant: string;
  readonly arm: string;
  readonly figures: Readonly<Record<string, Mean>>;
}

export function rowsOf(outcomes: readonly Outcome[]): readonly Row[] {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const { kind, topology, variant, arm } = outcome.job;
    if (kind === 'four-sites') continue;
    const key = [topology, variant, arm].join('|');
    groups.set(key, [...(groups.get(key) ?? []), outcome]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { topology, variant, arm } = first.job;
    const names = [...new Set(group.flatMap(({ figures }) => Object.keys(figures)))];
    const figures: Record<string, Mean> = {};
    for (const name of names) {
      const mean = meanOf(group.flatMap((outcome) => outcome.figures[name] ?? []));
      if (mean !== undefined) figures[name] = mean;
    }
    return [{ topology, variant, arm, figures }];
  });
}

/** Part of the hindsight optimum that an arm reached on the four sites, per cent, over the instances whose optimum is proved. */
export function partOfOptimum(outcomes: readonly Outcome[], arm: string): Mean | undefined {
  return meanOf(
    outcomes.flatMap(({ job, figures }) => {
      const [reached, optimum] = [figures[arm], figures['optimum']];
      if (job.kind !== 'four-sites' || reached === undefined || optimum === undefined) return [];
      return [(100 * reached) / optimum];
    }),
  );
}

export function textOf(mean: Mean | undefined, digits: number): string {
  if (mean === undefined) return '-';
  const half = Number.isFinite(mean.half) ? ` ± ${mean.half.toFixed(digits)}` : '';
  return `${mean.mean.toFixed(digits)}${half}`;
}
