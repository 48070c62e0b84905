import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quantile } from '../attestation/figure.ts';
import type { Gap } from './exact-gap.ts';
import { gapOf, measureGap } from './exact-gap.ts';
import { meanOf, textOf } from './summary.ts';

export interface ExactOptions {
  readonly instances: number;
  /** Chains that an agent tries side by side; absent: as many as in the product. */
  readonly starts?: number;
  readonly processes: number;
  readonly out: string;
  readonly machine: unknown;
  readonly say: (text: string) => void;
}

/** Time of one instance. */
const LIMIT_MS = 60_000;

/** How far the auction between agents is from the exact optimum on GEANT: mean at most 3 %, p95 at most 12 %. */
export async function runExact({
  instances,
  starts,
  processes,
  out,
  machine,
  say,
}: ExactOptions): Promise<void> {
  const gaps: Gap[] = [];
  let next = 1;
  const some = async (): Promise<void> => {
    while (next <= instances) {
      const gap = await measureGap(next++, { starts, improvements: 0 }, LIMIT_MS);
      gaps.push(gap);
      say(
        `${gaps.length} of ${instances}: ${gap.functions} functions, auction ${gap.auction ?? 'none'}, central search ${gap.central ?? 'none'}, ${gap.kind} ${gap.optimum ?? gap.bound ?? ''} (${gap.seconds.toFixed(1)} s)`,
      );
    }
  };
  await Promise.all(Array.from({ length: processes }, some));
  gaps.sort((a, b) => a.number - b.number);
  writeFileSync(
    join(out, 'exact.json'),
    `${JSON.stringify({ machine, limitMs: LIMIT_MS, starts, gaps }, null, 2)}\n`,
  );
  for (const functions of [2, 3, 4, 5]) {
    const of = gaps.filter((gap) => gap.functions === functions);
    const known = of.flatMap((gap) => gapOf(gap) ?? []);
    console.log(
      `${functions} functions: gap ${textOf(meanOf(known), 2)} % over ${known.length} of ${of.length}, p95 ${quantile(known, 0.95)?.toFixed(2) ?? '-'} %, median ${quantile(
        of.map((gap) => gap.seconds),
        0.5,
      )?.toFixed(1)} s`,
    );
  }
  const known = gaps.flatMap((gap) => gapOf(gap) ?? []);
  const mean = meanOf(known);
  const p95 = quantile(known, 0.95);
  const count = (test: (gap: Gap) => boolean) => gaps.filter(test).length;
  console.log(
    `not proved in time: ${count((gap) => gap.kind === 'time-limit')}; their bounds are in exact.json`,
  );
  console.log(`proved infeasible: ${count((gap) => gap.kind === 'infeasible')}`);
  const missed = count((gap) => gap.kind === 'optimal' && gap.auction === undefined);
  console.log(`could be placed, and the auction did not: ${missed}`);
  const central = gaps.flatMap((gap) => gapOf(gap, 'central') ?? []);
  console.log(
    `the central search with the same bids: gap ${textOf(meanOf(central), 2)} %, p95 ${quantile(central, 0.95)?.toFixed(2) ?? '-'} %`,
  );
  say(`written to ${join(out, 'exact.json')}`);
  const met = (is: boolean) => (is ? 'met        ' : 'FALLS SHORT');
  console.log(`${met((mean?.mean ?? 100) <= 3)}  mean gap at most 3 %: ${textOf(mean, 2)} %`);
  console.log(`${met((p95 ?? 100) <= 12)}  p95 of the gap at most 12 %: ${p95?.toFixed(2) ?? '-'} %`);
}
