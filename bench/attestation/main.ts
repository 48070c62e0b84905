import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { round } from '../targets.ts';
import { runPart } from './child.ts';
import type { Findings } from './figure.ts';
import { FindingsSchema, quantile } from './figure.ts';
import type { Part } from './parts.ts';
import { PARTS } from './parts.ts';
import { RECORDED } from './recorded.ts';
import { judge, NOTHING } from './targets.ts';

const program = new Command('bench-attest')
  .description('Measures attestation, exclusion, group keys, and the control loop without its ledger.')
  .option('--only <parts>', `of ${Object.keys(PARTS).join(', ')}; the others' last results are kept`)
  .option('--out <dir>', 'where attestation.json goes', 'bench/results')
  .parse();
const options = program.opts<{ only?: string; out: string }>();

const ResultSchema = FindingsSchema.extend({
  title: z.string(),
  takenAt: z.string(),
  /** Load averages over 1, 5 and 15 minutes: others on the machine stretch every time. */
  load: z.object({ before: z.array(z.number()), after: z.array(z.number()) }),
  tookS: z.number(),
});
const ResultsSchema = z.looseObject({ parts: z.record(z.string(), ResultSchema) });
type Result = z.infer<typeof ResultSchema>;

const path = join(options.out, 'attestation.json');
const only = options.only?.split(',');
const parts = new Map<string, Result>(only === undefined ? [] : Object.entries(earlier()));
mkdirSync(options.out, { recursive: true });
for (const [name, part] of Object.entries(PARTS)) {
  if (only !== undefined && !only.includes(name)) continue;
  process.stderr.write(`${name}: ${part.title}\n`);
  parts.set(name, await measure(name, part));
  write();
}
print();

/** A part that fails is told of, and the others go on. */
async function measure(name: string, { title, withinMs }: Part): Promise<Result> {
  const before = loadavg();
  const beganMs = performance.now();
  const findings = await runPart(name, withinMs).catch(
    (error: unknown): Findings => ({ figures: [], notes: [`it failed: ${String(error)}`] }),
  );
  const tookS = Math.round((performance.now() - beganMs) / 1000);
  return { title, ...findings, takenAt: new Date().toISOString(), load: { before, after: loadavg() }, tookS };
}

function verdicts() {
  return judge([...parts.values()].flatMap((each) => each.figures));
}

function write(): void {
  const machine = { cores: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
  const json = { machine, targets: verdicts(), recorded: RECORDED, parts: Object.fromEntries(parts) };
  writeFileSync(path, `${JSON.stringify(json, null, 2)}\n`);
}

function earlier(): Readonly<Record<string, Result>> {
  try {
    return ResultsSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).parts;
  } catch {
    // None, or of another shape: they are made anew.
    return {};
  }
}

function print(): void {
  const load = (all: readonly number[]) => all.map((each) => each.toFixed(1)).join(' ');
  for (const { title, figures, notes, load: at, tookS } of parts.values()) {
    console.log(`\n${title}\n(${tookS} s; load average ${load(at.before)} before, ${load(at.after)} after)`);
    console.log(`  ${'median'.padStart(66)}${'p95'.padStart(10)}${'n'.padStart(7)}`);
    for (const { name, unit, samples } of figures) {
      const [p50, p95] = [quantile(samples, 0.5), quantile(samples, 0.95)].map((each) => round(each ?? NaN));
      const text = `${name}, ${unit}`.padEnd(58);
      console.log(`  ${text}${p50?.padStart(8)}${p95?.padStart(10)}${String(samples.length).padStart(7)}`);
    }
    for (const note of notes) console.log(`  ${note}`);
  }
  console.log('\nrecorded by others, not measured here');
  for (const { who, what, value } of RECORDED) console.log(`  ${who}: ${what}: ${value}`);
  console.log('');
  for (const { target, measured, met } of verdicts()) {
    const verdict = measured === NOTHING ? 'not measured' : met ? 'met' : 'FALLS SHORT';
    console.log(`${verdict.padEnd(12)}  ${target}${measured === NOTHING ? '' : `: ${measured}`}`);
  }
  console.log(`\nwritten to ${path}`);
}
