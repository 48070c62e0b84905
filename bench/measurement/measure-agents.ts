import { performance } from 'node:perf_hooks';
import { expectedSegments, mappedLibraries } from '../../src/adapters/evidence-guard/expected-segments.ts';
import { measureProcess, ownVdso } from '../../src/adapters/evidence-guard/measure-process.ts';
import { digestOfSegments } from '../../src/adapters/evidence-guard/measure-text.ts';
import type { TestAgent } from '../../src/adapters/evidence-guard/testing/agents-of-test.ts';
import { agentsOfTest } from '../../src/adapters/evidence-guard/testing/agents-of-test.ts';
import { sampleAgent } from '../../src/adapters/evidence-guard/testing/sample-agent.ts';
import { Watch } from '../../src/adapters/evidence-guard/watch.ts';

/**
 * What measuring costs, and whether honest agents that are busy compiling and collecting are ever refused:
 * `tsx bench/measurement/measure-agents.ts [agents] [measurements] [node] [major]`. Prints one line of JSON; ends with 1 on a refusal.
 */
const [agentCount = 20, measurements = 500] = process.argv.slice(2, 4).map(Number);
const executable = process.argv[4] ?? process.execPath;
const major = Number(process.argv[5] ?? process.versions.node.split('.')[0]);

const agents = agentsOfTest(await ownVdso());
const refusals: string[] = [];
try {
  const watch = new Watch();
  const started: TestAgent[] = [];
  for (let index = 0; index < agentCount; index += 1) {
    const sample = sampleAgent({ environment: { LANG: 'C', AGENT: String(index) } });
    if (sample.program.kind !== 'node') throw new Error('the sample is a Node agent');
    const agent = await agents.start({ ...sample, program: { ...sample.program, executable, major } });
    watch.add(agent.pid, agent.rules);
    started.push(agent);
  }
  const first = started[0];
  if (first === undefined) throw new RangeError('at least one agent');
  const expected = await expectedSegments(executable, mappedLibraries(first.pid, executable));
  const digest = digestOfSegments(expected);
  const quietFull = await timed(20, () => watch.full(first.pid));
  const quietSweep = await timed(10, () => watch.sweep());
  const busyFull: number[] = [];
  for (let done = 0; done < measurements; done += 1) {
    const agent = started[done % started.length] ?? first;
    // Two agents or so are at work at any time: more would only share the same processors.
    agent.send({ kind: 'work', rounds: 12 });
    const before = performance.now();
    const measured = await measureProcess(agent.pid, { ...agent.rules, segments: expected });
    busyFull.push(performance.now() - before);
    for (const { sentence } of measured.findings) refusals.push(sentence);
    if (measured.digest !== digest) refusals.push('another digest');
  }
  const busySweep = await timed(10, async () => {
    for (const agent of started) agent.send({ kind: 'work', rounds: 2 });
    for (const findings of (await watch.sweep()).values())
      refusals.push(...findings.map((each) => each.sentence));
  });
  const report = {
    agents: agentCount,
    measurements,
    node: major,
    falseRefusals: refusals.length,
    firstRefusals: refusals.slice(0, 3),
    fullMs: { quiet: spread(quietFull), busy: spread(busyFull) },
    sweepOfAllMs: { quiet: spread(quietSweep), busy: spread(busySweep) },
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  if (refusals.length > 0) process.exitCode = 1;
} finally {
  await agents.end();
}

async function timed(times: number, run: () => Promise<unknown>): Promise<readonly number[]> {
  const all: number[] = [];
  for (let index = 0; index < times; index += 1) {
    const before = performance.now();
    await run();
    all.push(performance.now() - before);
  }
  return all;
}

function spread(values: readonly number[]): { readonly p50: number; readonly p95: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? 0);
  return { p50: at(0.5), p95: at(0.95) };
}
