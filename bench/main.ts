import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { charts } from './charts.ts';
import { Results } from './collect.ts';
import { prepareJason } from './peers/jason.ts';
import { runInChild } from './run-child.ts';
import { judge, round } from './targets.ts';
import { WORKLOADS } from './workloads/workloads.ts';

/** Workloads that are long by themselves: once is enough, they repeat inside. */
const ONCE = new Set(['muster figure 8', 'muster figure 9']);

const program = new Command('bench')
  .description('Measures the engine beside its peers, in one run; medians of rounds in turn.')
  .option('--rounds <n>', 'rounds of every workload', positive, 5)
  .option('--only <text>', 'workloads whose name contains the text')
  .option('--out <dir>', 'where results.json and the charts go', 'bench/results')
  .parse();
const options = program.opts<{ rounds: number; only?: string; out: string }>();

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100) throw new InvalidArgumentError('1 to 100');
  return value;
}

const say = (text: string) => process.stderr.write(`${text}\n`);
const wanted = (name: string) => options.only === undefined || name.includes(options.only);
const results = new Results();
const jason = wanted('jason') ? await prepareJason() : 'not asked for';
if (typeof jason === 'string') say(`Jason is not run: ${jason}; its recorded figures stand in`);
for (let round = 1; round <= options.rounds; round++) {
  for (const name of Object.keys(WORKLOADS)) {
    if (!wanted(name) || (ONCE.has(name) && round > 1)) continue;
    say(`round ${round} of ${options.rounds}: ${name}`);
    results.add(name, await runInChild(name));
  }
  if (typeof jason !== 'string') {
    say(`round ${round} of ${options.rounds}: jason`);
    results.add('jason goals, 1 agent', await jason.oneAgent());
    results.add('jason goals, 1000 agents', await jason.manyAgents());
  }
}
if (typeof jason !== 'string') jason.close();

mkdirSync(options.out, { recursive: true });
const verdicts = options.only === undefined ? judge(results) : [];
const machine = { cores: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
const json = { machine, rounds: options.rounds, targets: verdicts, results: results.toJson() };
writeFileSync(join(options.out, 'results.json'), `${JSON.stringify(json, null, 2)}\n`);
if (options.only === undefined) {
  for (const [name, text] of charts(results)) writeFileSync(join(options.out, name), text);
}
for (const workload of results.workloads()) {
  for (const figure of results.figuresOf(workload)) {
    const all = results.all(workload, figure);
    const range = all.length > 1 ? `  (${round(Math.min(...all))} to ${round(Math.max(...all))})` : '';
    const median = round(results.median(workload, figure) ?? Number.NaN);
    console.log(`${workload.padEnd(48)} ${figure.padEnd(18)} ${median.padStart(12)}${range}`);
  }
}
for (const { target, measured, met } of verdicts) {
  console.log(`${met ? 'met        ' : 'FALLS SHORT'}  ${target}: ${measured}`);
}
console.log(`\nwritten to ${options.out}`);
