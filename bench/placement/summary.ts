import type { Outcome } from './job.ts';
import { studentT } from './student-t.ts';

/** A mean over seeds with its 95 % confidence interval. */
export interface Mean {
  readonly mean: number;
  /** Half the width of the interval; NaN with one seed. */
  readonly half: number;
  readonly seeds: number;
}

export function meanOf(samples: readonly number[]): Mean | undefined {
  const seeds = samples.length;
  if (seeds === 0) return undefined;
  const mean = samples.reduce((sum, each) => sum + each, 0) / seeds;
  const variance = samples.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (seeds - 1);
  return { mean, half: studentT(seeds - 1) * Math.sqrt(variance / seeds), seeds };
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
