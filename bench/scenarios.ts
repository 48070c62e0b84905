import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { planeFeatures } from '../src/adapters/plane-linux/features.ts';
import type { Report } from '../src/protocol/report.ts';
import { ReportSchema } from '../src/protocol/report.ts';
import { runScenario } from '../src/runtime/run-scenario.ts';
import { loadScenario } from '../src/runtime/scenario/load-scenario.ts';
import type { Row } from './scenario-table.ts';
import { chartOf, rowOf, tableOf } from './scenario-table.ts';

const folder = new URL('../scenarios/', import.meta.url).pathname;
const muster = new URL('../bin/muster', import.meta.url).pathname;
const all = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace('.yaml', ''));

const program = new Command('bench-scenarios')
  .description(
    'Every scenario with the defence on and off: detection, mitigation and goodput, on both data planes.',
  )
  .option('--twin-seeds <n>', 'seeds in the twin', count, 20)
  .option('--linux-seeds <n>', 'seeds on real packets (Linux, root); 0: none', count, 3)
  .option('--only <names>', 'scenarios, separated by commas', all.join())
  .option('--out <dir>', 'where scenarios.json and the chart go', 'bench/results')
  .parse();
const options = program.opts<{ twinSeeds: number; linuxSeeds: number; only: string; out: string }>();

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 1000) throw new InvalidArgumentError('0 to 1000');
  return value;
}

const say = (text: string) => process.stderr.write(`${text}\n`);
const dir = mkdtempSync(join(tmpdir(), 'muster-bench-'));

async function onTwin(name: string, seed: number, defence: 'on' | 'off'): Promise<Report> {
  const loaded = await loadScenario(join(folder, `${name}.yaml`));
  if (!loaded.ok) throw new Error(`scenarios/${name}.yaml cannot be read`);
  return (await runScenario({ scenario: loaded.scenario, plane: 'twin', seed, defence })).report;
}

/** In a process of its own, as an operator runs it; the report is read from its file. */
async function onLinux(name: string, seed: number, defence: 'on' | 'off'): Promise<Report> {
  const out = join(dir, `${name}-${seed}-${defence}`);
  const flags = ['--plane', 'linux', '--seed', String(seed), '--defence', defence, '--out', out];
  const child = spawn(muster, ['scenario', 'run', name, ...flags], { stdio: ['ignore', 'ignore', 'ignore'] });
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  if (code !== 0 && code !== 2) throw new Error(`${name} on linux ended with ${code}`);
  const report = ReportSchema.parse(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')));
  rmSync(out, { recursive: true, force: true });
  return report;
}

async function linuxIsThere(): Promise<boolean> {
  const missing = (await planeFeatures()).filter((each) => !each.available).map((each) => each.name);
  if (missing.length > 0) say(`no real packets here, it lacks ${missing.join(', ')}: the twin alone`);
  return missing.length === 0;
}

const rows: Row[] = [];
const planes: { plane: Report['plane']; seeds: number; play: typeof onTwin }[] = [
  { plane: 'twin', seeds: options.twinSeeds, play: onTwin },
];
if (options.linuxSeeds > 0 && (await linuxIsThere())) {
  planes.push({ plane: 'linux', seeds: options.linuxSeeds, play: onLinux });
}
const names = options.only.split(',').filter((name) => name !== '');
for (const { plane, seeds, play } of planes) {
  for (const name of names) {
    for (const defence of ['on', 'off'] as const) {
      const reports: Report[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        say(`${plane}: ${name}, defence ${defence}, seed ${seed} of ${seeds}`);
        reports.push(await play(name, seed, defence));
      }
      if (reports.length > 0) rows.push(rowOf(name, plane, defence, reports));
    }
  }
}
rmSync(dir, { recursive: true, force: true });
mkdirSync(options.out, { recursive: true });
writeFileSync(join(options.out, 'scenarios.json'), `${JSON.stringify(rows, null, 2)}\n`);
writeFileSync(join(options.out, 'scenarios.svg'), chartOf(rows));
console.log(tableOf(rows));
console.log(`written to ${options.out}`);
