import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { charts } from './charts.ts';
import { runExact } from './exact.ts';
import { writeInstances } from './instances.ts';
import type { Outcome } from './job.ts';
import { ARMS } from './job.ts';
import { planJobs } from './plan-jobs.ts';
import { runJobs } from './run-jobs.ts';
import { partOfOptimum, rowsOf, textOf } from './summary.ts';
import { judge, PUBLISHED_GRC } from './targets.ts';
import { TOPOLOGIES, VIRNE } from './virne.ts';

const program = new Command('bench-placement')
  .description(
    "Places services by auction between agents and otherwise, on Virne's settings and on four sites.",
  )
  .option('--seeds <n>', 'seeds of every arm (what only shows stress has fewer)', whole, 10)
  .option('--arms <names>', `comma-separated, of: ${ARMS.join(', ')}`, some(ARMS), [...ARMS])
  .option('--topologies <names>', `comma-separated, of: ${TOPOLOGIES.join(', ')}`, some(TOPOLOGIES), [
    ...TOPOLOGIES,
  ])
  .option('--minutes <n>', 'what has not begun by then is left out, and named', whole, 12)
  .option('--processes <n>', 'runs side by side', whole, Math.min(2, availableParallelism()))
  .option(
    '--exact',
    'instead: the gap to the exact optimum, 200 instances of at most 60 s each (minutes, up to hours)',
  )
  .option('--instances <n>', 'of --exact', whole, 200)
  .option(
    '--starts <n>',
    'of --exact: chains that an agent tries side by side (default: as in the product)',
    whole,
  )
  .option('--write-instances <dir>', 'instead: writes what would be asked for there, and prints its hashes')
  .option('--out <dir>', 'where results.json and the charts go', 'bench/results/placement')
  .parse();
const options = program.opts<{
  seeds: number;
  arms: (typeof ARMS)[number][];
  topologies: (typeof TOPOLOGIES)[number][];
  minutes: number;
  processes: number;
  exact?: boolean;
  instances: number;
  starts?: number;
  writeInstances?: string;
  out: string;
}>();

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10_000) throw new InvalidArgumentError('1 to 10000');
  return value;
}

function some<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) =>
    text.split(',').map((typed) => {
      const found = known.find((each) => each.toLowerCase() === typed.trim().toLowerCase());
      if (found === undefined) throw new InvalidArgumentError(`no ${typed}; one of: ${known.join(', ')}`);
      return found;
    });
}

const say = (text: string) => process.stderr.write(`${text}\n`);
const machine = { cores: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
if (options.writeInstances === undefined) mkdirSync(options.out, { recursive: true });
if (options.writeInstances !== undefined) {
  process.stdout.write(writeInstances(options.writeInstances, options.seeds));
} else if (options.exact === true) await runExact({ ...options, machine, say });
else await runAll();

async function runAll(): Promise<void> {
  const jobs = planJobs(options);
  const outcomes: Outcome[] = [];
  const left = await runJobs(jobs, {
    processes: options.processes,
    untilMs: performance.now() + options.minutes * 60_000,
    onDone: (outcome, seconds) => {
      outcomes.push(outcome);
      const { topology, variant, arm, seed } = outcome.job;
      say(
        `${outcomes.length} of ${jobs.length}: ${topology}, ${variant}, ${arm}, seed ${seed} (${seconds.toFixed(1)} s)`,
      );
    },
  });
  const rows = rowsOf(outcomes);
  const targets = judge(rows, outcomes);
  const order = new Map(jobs.map((job, index) => [JSON.stringify(job), index]));
  outcomes.sort((a, b) => (order.get(JSON.stringify(a.job)) ?? 0) - (order.get(JSON.stringify(b.job)) ?? 0));
  const json = { machine, settings: VIRNE, targets, rows, outcomes, leftOut: left };
  writeFileSync(join(options.out, 'results.json'), `${JSON.stringify(json, null, 2)}\n`);
  for (const [name, text] of charts(rows)) writeFileSync(join(options.out, name), text);
  for (const { topology, variant, arm, figures } of rows) {
    const head = `${topology.padEnd(10)} ${variant.padEnd(26)} ${arm.padEnd(24)}`;
    if (figures['acceptance'] === undefined) {
      for (const [name, mean] of Object.entries(figures))
        console.log(`${head} ${name.padEnd(24)} ${textOf(mean, 1)}`);
      continue;
    }
    const messages =
      figures['messages'] === undefined ? '' : `  messages/service ${textOf(figures['messages'], 0)}`;
    const bytes =
      figures['bytes'] === undefined ? '' : `  kB/service ${(figures['bytes'].mean / 1000).toFixed(0)}`;
    const decided =
      (figures['decidedMsP99']?.mean ?? 0) === 0
        ? ''
        : `  decided in ${textOf(figures['decidedMsMedian'], 0)} ms, p99 ${textOf(figures['decidedMsP99'], 0)}`;
    console.log(
      `${head} accepted ${textOf(figures['acceptance'], 1).padEnd(11)} % revenue/cost ${textOf(figures['revenueToCost'], 3)}${messages}${bytes}${decided}`,
    );
  }
  for (const [arm, name] of [
    ['auction', 'auction where nobody moves (migration: off)'],
    ['reAuction', 'auction where placed services make room'],
    ['bestFit', 'best fit'],
    ['firstFit', 'first fit'],
  ] as const) {
    const part = partOfOptimum(outcomes, arm);
    console.log(
      `4 sites x 3 hosts, ${name}: ${textOf(part, 1)} % of the hindsight optimum (${part?.seeds ?? 0} proved)`,
    );
  }
  for (const [topology, [acceptance, ratio]] of Object.entries(PUBLISHED_GRC)) {
    const ours = rows.find(
      (row) => row.topology === topology && row.arm === 'GRC-Rank' && row.variant === 'plain',
    );
    console.log(
      `calibration, GRC-Rank on ${topology}: ${textOf(ours?.figures['acceptance'], 1)} % / ${textOf(ours?.figures['revenueToCost'], 2)} here, ${acceptance} % / ${ratio} published`,
    );
  }
  const hashes = outcomes.filter(({ job }) => job.variant === 'plain' && job.arm === 'GRC-Rank');
  for (const { job, requestsHash } of hashes) {
    console.log(`requests of ${job.topology}, seed ${job.seed}: sha256 ${requestsHash}`);
  }
  for (const { target, measured, met } of targets) {
    console.log(`${met ? 'met        ' : 'FALLS SHORT'}  ${target}: ${measured}`);
  }
  if (left.length > 0) {
    const named = [...new Set(left.map(({ topology, variant, arm }) => `${topology}, ${variant}, ${arm}`))];
    console.log(`left out, as the time was up: ${left.length} runs of ${named.join('; ')}`);
  }
  console.log(`\nwritten to ${options.out}`);
}
