import { loadavg } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { quantile } from '../attestation/figure.ts';
import type { Moment } from './burst-world.ts';
import type { BurstOutcome } from './run-burst.ts';
import { runBurst } from './run-burst.ts';

const program = new Command('bench-burst')
  .description(
    'Applies services to the manager of services, one at a time and 200 at once, over agents of 40 sites.',
  )
  .option('--services <n>', 'at once', whole, 200)
  .option('--alone <n>', 'one at a time', whole, 200)
  .option('--seeds <n>', 'runs of each setting', whole, 3)
  .parse();
const options = program.opts<{ services: number; alone: number; seeds: number }>();

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, at least 1');
  return value;
}

const SETTINGS = [
  { name: 'room for all', kind: 'room', loss: 0 },
  { name: 'room for half', kind: 'tight', loss: 0 },
  { name: 'room for half, 5 % of messages lost', kind: 'tight', loss: 0.05 },
] as const;

/** Targets of the placement of services, ms of the wall clock: one at a time, and with 200 outstanding. */
const ALONE_P99_MS = 50;
const TOGETHER_P99_MS = 2000;

const verdicts: string[] = [];
for (const { name, kind, loss } of SETTINGS) {
  const outcomes: BurstOutcome[] = [];
  for (let seed = 1; seed <= options.seeds; seed++) {
    outcomes.push(
      await runBurst({
        kind,
        loss,
        seed,
        services: options.services,
        alone: loss > 0 ? 0 : options.alone,
        warmUp: 60,
      }),
    );
  }
  const of = (what: (outcome: BurstOutcome) => readonly Moment[]) => outcomes.flatMap(what);
  const times = (samples: readonly Moment[]) =>
    samples.length === 0
      ? 'not measured'
      : `median ${ms(wall(samples, 0.5))}, p99 ${ms(wall(samples, 0.99))} (processor time of all threads: ${ms(cpu(samples, 0.5))}, ${ms(cpu(samples, 0.99))})`;
  const sum = (what: (outcome: BurstOutcome) => number) =>
    outcomes.reduce((total, each) => total + what(each), 0);
  const [alone, together] = [of((each) => each.alone), of((each) => each.together)];
  const wrong = outcomes.flatMap((each) => each.wrong);
  console.log(`${name}, ${outcomes.length} seeds (load ${loadavg()[0]?.toFixed(1)}):`);
  console.log(
    `  placed ${sum((each) => each.placed)}, refused ${sum((each) => each.refused)}, unanswered ${sum((each) => each.unanswered)}; wrong: ${wrong.length}`,
  );
  console.log(
    `  from apply to the last award: one at a time ${times(alone)}; ${options.services} at once ${times(together)}`,
  );
  console.log(`  all ran or were refused after ${outcomes.map((each) => ms(each.allOverMs)).join(', ')}`);
  for (const each of wrong.slice(0, 10)) console.log(`  WRONG: ${each}`);
  judge(
    `${name}: all answered, nothing booked twice, nothing left`,
    `${sum((each) => each.unanswered)} and ${wrong.length}`,
    wrong.length + sum((each) => each.unanswered) === 0,
  );
  if (loss > 0) continue;
  judgeTime(`${name}: one at a time, p99 under ${ALONE_P99_MS} ms`, alone, ALONE_P99_MS);
  judgeTime(
    `${name}: ${options.services} at once, p99 under ${TOGETHER_P99_MS} ms`,
    together,
    TOGETHER_P99_MS,
  );
}
for (const each of verdicts) console.log(each);

function judgeTime(target: string, samples: readonly Moment[], mostMs: number): void {
  const p99 = wall(samples, 0.99);
  judge(target, `${ms(p99)}, of processor time ${ms(cpu(samples, 0.99))}`, p99 !== undefined && p99 < mostMs);
}

function wall(samples: readonly Moment[], part: number): number | undefined {
  return quantile(
    samples.map(({ wallMs }) => wallMs),
    part,
  );
}

function cpu(samples: readonly Moment[], part: number): number | undefined {
  return quantile(
    samples.map(({ cpuMs }) => cpuMs),
    part,
  );
}

function judge(target: string, measured: string, met: boolean): void {
  verdicts.push(`${met ? 'met        ' : 'FALLS SHORT'}  ${target}: ${measured}`);
  if (!met) process.exitCode = 2;
}

function ms(value: number | undefined): string {
  return value === undefined ? 'not measured' : `${value.toFixed(1)} ms`;
}
