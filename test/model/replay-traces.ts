import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { applyBlock, EMPTY_LEDGER } from '../../src/core/attestation/ledger-state.ts';
import { keyedAgents, needsEpoch } from '../../src/core/attestation/steward.ts';
import { MACHINE_MUTANTS, machineWith } from './machine-mutants.ts';
import type { Machine } from './protocol-rules.ts';
import { BOUNDS } from './protocol-rules.ts';
import { randomTrace, replayTrace } from './random-trace.ts';

/**
 * Random traces of the Spin model replay in the product's state machine, and random walks of the state machine are steps of the model;
 * with a fault planted in either, both fail. Needs spin and gcc.
 */
const TRACES = Number(process.env['TRACES'] ?? 1000);
/** Of a faulty model: so many are simulated at a time, until one does not replay. */
const MUTANT_TRACES = 50;
const AT_ONCE = 4;
const MODEL = join(import.meta.dirname, 'attestation.pml');
const LIMITS = [`-DROUNDS=${BOUNDS.rounds}`, `-DEPOCHS=${BOUNDS.epochs}`];
const PRODUCT: Machine = { applyBlock, EMPTY_LEDGER, keyedAgents, needsEpoch };
const ALLOWS_MORE = 'it only allows more, so that every walk of the product is still one of its own';
/** Faults of the model; those that one of the two cannot show, and why. */
const MODEL_MUTANTS: Readonly<Record<string, string | undefined>> = {
  NO_SET_CHECK: ALLOWS_MORE,
  NO_REGISTRY_DEADLINE: undefined,
  ROUND_OUTLIVES_REVOCATION: undefined,
  ANY_VERIFIER_JUDGES: ALLOWS_MORE,
  MISSES_FORGIVEN: undefined,
  FALL_UNCOUNTED: undefined,
};
const run = promisify(execFile);

/** Traces of the model by seed. */
async function simulate(seeds: readonly number[], defines: readonly string[]): Promise<readonly number[][]> {
  const all: number[][] = [];
  for (let at = 0; at < seeds.length; at += AT_ONCE) {
    const some = seeds.slice(at, at + AT_ONCE).map(async (seed) => {
      const args = ['-T', '-B', `-n${seed}`, '-u1500', '-DTRACE', ...LIMITS, ...defines, MODEL];
      // Spin keeps its preprocessed text in the current directory, under one name.
      const cwd = await mkdtemp(join(dir, 'sim-'));
      const { stdout } = await run('spin', args, { cwd, maxBuffer: 1 << 24 });
      return stdout.split('\n').flatMap((line) => (/^\d+$/.test(line.trim()) ? [Number(line)] : []));
    });
    all.push(...(await Promise.all(some)));
  }
  return all;
}

/** A verifier of the model that follows scripts. */
async function compile(name: string, defines: readonly string[]): Promise<string> {
  const cwd = await mkdtemp(join(dir, `${name}-`));
  await run('spin', ['-a', '-DSCRIPT', ...LIMITS, ...defines, MODEL], { cwd });
  await run('gcc', ['-O0', '-w', '-DMEMLIM=1500', '-DSAFETY', '-o', 'pan', 'pan.c'], { cwd });
  return join(cwd, 'pan');
}

/** How many of these traces the model can follow to their end. */
async function followed(pan: string, traces: readonly (readonly number[])[]): Promise<number> {
  const script = join(dir, 'script');
  await writeFile(script, traces.map((each) => `${each.join(' ')} -1\n`).join(''));
  const env = { ...process.env, SCRIPT: script };
  const ran = spawnSync(pan, ['-m100000', '-E'], { env, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (!ran.stdout.includes('errors: 0') || /max search depth too small|out of memory/.test(ran.stdout)) {
    throw new Error(`the model's verifier failed: ${ran.stdout.slice(-2000)} ${ran.stderr}`);
  }
  const accepted = new Set(ran.stdout.match(/^accepted \d+$/gm) ?? []);
  return accepted.size;
}

function tell(what: string, model: string, back: string): void {
  process.stdout.write(`${what.padEnd(40)} ${model.padEnd(34)} ${back}\n`);
}

/** Whether the state machine follows every trace of a model with a fault in it. */
async function allReplay(fault: string): Promise<boolean> {
  for (let at = 0; at < TRACES; at += MUTANT_TRACES) {
    const seeds = Array.from({ length: Math.min(MUTANT_TRACES, TRACES - at) }, (_, index) => at + index + 1);
    const traces = await simulate(seeds, [`-D${fault}`]);
    if (traces.some((each) => replayTrace(PRODUCT, each) !== undefined)) return false;
  }
  return true;
}

const dir = await mkdtemp(join(tmpdir(), 'muster-model-'));
let failed = false;
try {
  const seeds = Array.from({ length: TRACES }, (_, index) => index + 1);
  const began = performance.now();
  const [ofModel, pan] = await Promise.all([simulate(seeds, []), compile('pan', [])]);
  const walks = (machine: Machine) => seeds.map((seed) => randomTrace(machine, seed));
  const wrong = (machine: Machine, traces: readonly (readonly number[])[]) =>
    traces.flatMap((each) => replayTrace(machine, each) ?? []);
  const findings = wrong(PRODUCT, ofModel);
  const ours = walks(PRODUCT);
  const accepted = await followed(pan, ours);
  const steps = (traces: readonly (readonly number[])[]) =>
    traces.reduce((sum, each) => sum + each.filter((code) => code >= 400_000).length, 0);
  tell(
    'as designed',
    `${ofModel.length - findings.length} of ${ofModel.length} replay (${steps(ofModel)} steps)`,
    `the model takes ${accepted} of ${ours.length} back (${steps(ours)} steps)`,
  );
  if (findings.length > 0 || accepted !== ours.length) {
    failed = true;
    process.stdout.write(`${findings.slice(0, 3).join('\n')}\n`);
  }
  const mutant = (name: string, replay: boolean, back: boolean, whyBack?: string) => {
    tell(
      name,
      replay ? 'replay' : 'do not replay',
      `${back ? 'taken back' : 'not taken back'}${whyBack === undefined ? '' : `: ${whyBack}`}`,
    );
    if (!replay && back === (whyBack !== undefined)) return;
    failed = true;
    process.stdout.write('  expected to be found in both directions, but for the reason that is given\n');
  };
  for (const name of Object.keys(MACHINE_MUTANTS)) {
    const machine = await machineWith(name, dir);
    const replays = ofModel.every((each) => replayTrace(machine, each) === undefined);
    mutant(`state machine: ${name}`, replays, (await followed(pan, walks(machine))) === ours.length);
  }
  for (const [name, whyBack] of Object.entries(MODEL_MUTANTS)) {
    const [replays, faulty] = await Promise.all([allReplay(name), compile(name, [`-D${name}`])]);
    mutant(`model: ${name}`, replays, (await followed(faulty, ours)) === ours.length, whyBack);
  }
  process.stdout.write(`test-model: traces took ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
} finally {
  await rm(dir, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
