import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { toHex } from '../../src/adapters/keys/hex.ts';
import { referenceOf } from '../../src/core/attestation/reference.ts';
import { MusterError } from '../../src/protocol/errors.ts';
import type { TextSegment } from '../../src/protocol/measurement.ts';
import { parentDeathSignal } from '../../src/runtime/child-process.ts';
import { sampleRuntime } from '../../src/runtime/genuine/sample-runtime.ts';
import { plannedClaims, sha256Bytes } from '../../src/runtime/guard/expected.ts';
import { quantile } from './figure.ts';
import type { GenuineAgent, GenuineAgents } from './genuine-program.ts';
import { genuineAgents } from './genuine-program.ts';
import { withDirectory } from './with-directory.ts';
import { workingAgents } from './working-agents.ts';

const GUARD = '1'.repeat(64);
const GENUINE = 4;
const WORKING = 8;
/** After so many measurements an agent is ended and another started in its place. */
const LIFE = 25;
const SWEEP_EVERY_MS = 1000;
const SAY_EVERY_MS = 15_000;

const options = new Command('false-rejects')
  .description(
    'Measures honest agents that start, compile and collect garbage, and counts those that are refused.',
  )
  .option('--measurements <n>', 'at most', positive, 10_000)
  .option('--minutes <n>', 'at most', positive, 60)
  .parse()
  .opts<{ measurements: number; minutes: number }>();

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('more than 0');
  return value;
}

/** Something else that takes the processors away: the guard is late, agents are interrupted anywhere. */
function otherLoad(): () => void {
  const source =
    'let k=[];for(;;){k.push(new Function("n","return n+"+k.length)(1),new Array(1e4).fill(0));if(k.length>200)k=[]}';
  const [command = '', ...args] = parentDeathSignal([process.execPath, '-e', source]);
  const child = spawn(command, args, { stdio: 'ignore' });
  return () => child.kill('SIGKILL');
}

const refusals: string[] = [];
const tookMs: number[] = [];
let starts = 0;
const before = loadavg();
const beganMs = performance.now();
await withDirectory(async (directory) => {
  const segments = await sampleRuntime();
  const agents = await genuineAgents(directory);
  const working = await workingAgents(agents.source, WORKING);
  const stop = otherLoad();
  try {
    await measureAll(agents, working, segments);
  } finally {
    stop();
    await agents.close();
  }
});
const report = {
  wanted: options.measurements,
  measurements: tookMs.length,
  falseRejects: refusals.length,
  firstRefusals: refusals.slice(0, 5),
  starts,
  measurementMs: { p50: quantile(tookMs, 0.5), p95: quantile(tookMs, 0.95) },
  tookS: Math.round((performance.now() - beganMs) / 1000),
  load: { before, after: loadavg() },
};
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
process.exit(refusals.length > 0 ? 1 : 0);

async function measureAll(
  agents: GenuineAgents,
  working: Awaited<ReturnType<typeof workingAgents>>,
  segments: readonly TextSegment[],
): Promise<void> {
  const genuine: { agent: GenuineAgent; left: number }[] = [];
  const { measurements, minutes } = options;
  let saidMs = beganMs;
  let sweptMs = beganMs;
  const wanted = () => tookMs.length < measurements && performance.now() - beganMs < minutes * 60_000;
  for (let at = 0; wanted(); at = (at + 1) % GENUINE) {
    let each = genuine[at];
    if (each === undefined || each.left === 0) {
      if (each !== undefined) await agents.source.stop(each.agent.handle);
      starts++;
      const agent = await started(agents);
      if (agent === undefined) continue;
      // Spread at first, so that they do not all end together.
      each = { agent, left: each === undefined ? 1 + at * 6 : LIFE };
      genuine[at] = each;
    }
    each.left = (await measureGenuine(agents, each.agent, segments)) ? each.left - 1 : 0;
    const worker = working.next();
    const evidence = await timed(() => agents.source.measure(worker, new Uint8Array(32)));
    if (!evidence.ok) {
      refuse(evidence.measurement.findings);
      await working.replace(worker);
    }
    const nowMs = performance.now();
    if (nowMs - sweptMs > SWEEP_EVERY_MS) {
      sweptMs = nowMs;
      for (const findings of (await agents.source.sweep()).values()) refuse(findings);
    }
    if (nowMs - saidMs < SAY_EVERY_MS) continue;
    saidMs = nowMs;
    process.stderr.write(`${tookMs.length} measured, ${refusals.length} refused, ${starts} started\n`);
  }
}

/** Undefined: it was found to be something else than it is, and that is counted. */
async function started(agents: GenuineAgents): Promise<GenuineAgent | undefined> {
  try {
    return await agents.start();
  } catch (error) {
    if (!(error instanceof MusterError && error.code === 'ATTESTATION_REFUSED')) throw error;
    refuse([{ sentence: error.message }]);
    return undefined;
  }
}

/** By its reference value, as the registry has it from the files on disk. */
async function measureGenuine(
  { source }: GenuineAgents,
  { order, manifest, handle, bundleSha256, argv }: GenuineAgent,
  segments: readonly TextSegment[],
): Promise<boolean> {
  const evidence = await timed(() => source.measure(handle, new Uint8Array(32)));
  if (!evidence.ok) {
    refuse(evidence.measurement.findings);
    return false;
  }
  const expected = referenceOf(
    { ...plannedClaims(order, manifest, bundleSha256, argv, GUARD), segments },
    sha256Bytes,
  );
  const own = plannedClaims(order, manifest, handle.bundleSha256, handle.argv, GUARD);
  const measured = referenceOf({ ...own, segments: evidence.measurement.parts.segments }, sha256Bytes);
  if (toHex(expected) === toHex(measured)) return true;
  refuse([{ sentence: 'another reference value' }]);
  return false;
}

function refuse(findings: readonly { readonly sentence: string }[]): void {
  refusals.push(findings.map((each) => each.sentence).join('; '));
}

async function timed<T>(work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await work();
  tookMs.push(performance.now() - startedMs);
  return result;
}
