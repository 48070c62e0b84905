import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildC, hasCompiler } from '../../../test/programs/build-c.ts';
import type { AgentSpec } from '../../ports/evidence-source.ts';
import type { FINDING_KINDS, Measurement, TextSegment } from '../../protocol/measurement.ts';
import { openDescriptors } from './descriptors.ts';
import { expectedSegments, mappedLibraries } from './expected-segments.ts';
import { installProgram } from './install-program.ts';
import { measureProcess, ownVdso, probeProcess } from './measure-process.ts';
import { digestOfSegments } from './measure-text.ts';
import { executableMappings } from './memory-map.ts';
import { startTimeOf } from './process-status.ts';
import { agentsOfTest } from './testing/agents-of-test.ts';
import { sampleAgent } from './testing/sample-agent.ts';

const asRoot = process.getuid?.() === 0;
const vdso = await ownVdso();
const agents = agentsOfTest(vdso);
const folder = mkdtempSync(join(tmpdir(), 'muster-measure-'));
chmodSync(folder, 0o755);
let expected: readonly TextSegment[] = [];

beforeAll(async () => {
  const sample = await agents.start(sampleAgent());
  expected = await expectedSegments(process.execPath, mappedLibraries(sample.pid, process.execPath));
});
afterEach(() => agents.end());
afterAll(() => rmSync(folder, { recursive: true }));

function kinds(of: Pick<Measurement, 'findings'>): (typeof FINDING_KINDS)[number][] {
  return [...new Set(of.findings.map((each) => each.kind))].sort();
}

/** Changes one byte of another process; answers how to put it back. */
function patch(pid: number, address: number): () => void {
  const memory = openSync(`/proc/${pid}/mem`, 'r+');
  const byte = Buffer.alloc(1);
  readSync(memory, byte, 0, 1, address);
  writeSync(memory, Buffer.from([(byte[0] ?? 0) ^ 0xff]), 0, 1, address);
  return () => {
    writeSync(memory, byte, 0, 1, address);
    closeSync(memory);
  };
}

it('gives twenty honest starts, busy with compiling and collecting, the digest of the files on disk', async () => {
  const digest = digestOfSegments(expected);
  for (let start = 0; start < 20; start += 1) {
    const spec = sampleAgent({
      arguments: ['a'.repeat(start * 37)],
      environment: { LANG: 'C', FILL: 'x'.repeat(start * 211) },
      ...(asRoot && start % 2 === 1 ? { user: { uid: 64_000 + start, gid: 64_000 } } : {}),
    });
    const agent = await agents.start(spec);
    agent.send({ kind: 'work', rounds: 30 });
    for (const each of [1, 2]) {
      const measured = await measureProcess(agent.pid, { ...agent.rules, segments: expected });
      expect({ each, findings: measured.findings, digest: measured.digest }).toEqual({
        each,
        findings: [],
        digest,
      });
    }
    await agents.end();
  }
}, 60_000);

it('sees a changed byte of text, and that it was changed once it is put back', async () => {
  const agent = await agents.start(sampleAgent());
  const rules = { ...agent.rules, segments: expected };
  const text = executableMappings(agent.pid).find((each) => each.name.includes('libm'));
  const putBack = patch(agent.pid, (text?.start ?? 0) + 5000);
  const changed = await measureProcess(agent.pid, rules);
  expect(kinds(changed)).toEqual(['text-changed', 'text-written']);
  expect(changed.digest).not.toBe(digestOfSegments(expected));
  putBack();
  const restored = await measureProcess(agent.pid, rules);
  expect(restored.digest).toBe(digestOfSegments(expected));
  expect(kinds(restored)).toEqual(['text-written']);
  expect(kinds(probeProcess(agent.pid, rules))).toEqual(['text-written']);
});

it("sees a changed byte in the second mapping of V8's builtins", async () => {
  const agent = await agents.start(sampleAgent());
  const shown = executableMappings(agent.pid).filter((each) => each.name === agent.rules.executable);
  const copy = shown.sort((a, b) => b.start - a.start)[0];
  patch(agent.pid, (copy?.start ?? 0) + 70_000)();
  expect(kinds(await measureProcess(agent.pid, agent.rules))).toEqual(['text-written']);
  patch(agent.pid, (copy?.start ?? 0) + 70_000);
  expect(kinds(await measureProcess(agent.pid, agent.rules))).toEqual(['text-changed', 'text-written']);
});

it.runIf(asRoot)("knows V8's builtins in anonymous memory, and sees them changed (root)", async () => {
  const executable = join(folder, 'node');
  copyFileSync(process.execPath, executable);
  chmodSync(executable, 0o711);
  const sample = sampleAgent({ user: { uid: 64_321, gid: 64_321 } });
  if (sample.program.kind !== 'node') return;
  const agent = await agents.start({ ...sample, program: { ...sample.program, executable } });
  const rules = { ...agent.rules, segments: expected };
  const anonymous = () => executableMappings(agent.pid).find((each) => each.name === '' && !each.writable);
  await expect.poll(anonymous, { timeout: 5000, interval: 10 }).toBeDefined();
  const copy = anonymous();
  const honest = await measureProcess(agent.pid, rules);
  expect(honest.findings).toEqual([]);
  expect(honest.parts.equalCopies).toBe(1);
  patch(agent.pid, (copy?.start ?? 0) + 70_000);
  expect(kinds(await measureProcess(agent.pid, { ...rules, equalCopies: 1 }))).toEqual([
    'foreign-code',
    'text-changed',
  ]);
});

it.runIf(hasCompiler())('sees a library that LD_PRELOAD slips in (gcc)', async () => {
  const library = buildC('preload.c', join(folder, 'preload.so'), ['-shared', '-fPIC']);
  const agent = await agents.start(sampleAgent({ environment: { LD_PRELOAD: library } }));
  const measured = await measureProcess(agent.pid, { ...agent.rules, segments: expected });
  expect(kinds(measured)).toEqual(['foreign-code']);
  expect(measured.findings[0]?.sentence).toContain('preload.so');
  expect(measured.digest).not.toBe(digestOfSegments(expected));
});

it('sees the debugger that SIGUSR1 opens in a Node without the permission model', async () => {
  const argv = [process.execPath, '--inspect-port=0', '-e', 'setInterval(() => {}, 1000); console.log(1)'];
  const node = spawn(process.execPath, argv.slice(1), { env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
  const pid = node.pid ?? 0;
  try {
    await once(node.stdout, 'data');
    const { rules } = await agents.start(sampleAgent());
    const given = new Set(openDescriptors(pid).flatMap((each) => (each.number < 3 ? [each.target] : [])));
    const own = {
      ...rules,
      argv,
      environment: {},
      noNewPrivileges: false,
      startTime: startTimeOf(pid),
      given,
    };
    const before = kinds(probeProcess(pid, own)).filter((each) => each !== 'unexpected-descriptor');
    expect(before).toEqual([]);
    node.kill('SIGUSR1');
    await once(node.stderr, 'data');
    expect(kinds(probeProcess(pid, own))).toContain('listening');
  } finally {
    node.kill('SIGKILL');
    await once(node, 'exit');
  }
});

it('sees a listening socket', async () => {
  const agent = await agents.start(sampleAgent());
  await agent.ask({ kind: 'listen' });
  expect(kinds(probeProcess(agent.pid, agent.rules))).toEqual(['listening']);
});

it.runIf(hasCompiler())('sees a tracer for as long as it traces (gcc)', async () => {
  const tracer = buildC('tracer.c', join(folder, 'tracer'));
  const agent = await agents.start(sampleAgent());
  const tracing = spawn(tracer, [String(agent.pid)], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(tracing.stdout, 'data');
  expect(kinds(probeProcess(agent.pid, agent.rules))).toEqual(['traced']);
  tracing.stdin.end();
  await once(tracing, 'exit');
  expect(kinds(probeProcess(agent.pid, agent.rules))).toEqual([]);
});

it('sees other arguments, another environment, program or user, and too many threads', async () => {
  const agent = await agents.start(sampleAgent());
  expect(kinds(probeProcess(agent.pid, agent.rules))).toEqual([]);
  const other = {
    ...agent.rules,
    environment: { LANG: 'D' },
    executable: '/bin/other',
    uid: 12_345,
    maxThreads: 2,
  };
  await agent.ask({ kind: 'rename' });
  expect(kinds(probeProcess(agent.pid, other))).toEqual([
    'argv-changed',
    'environ-changed',
    'executable-changed',
    'privileges',
    'threads',
  ]);
});

it('has nothing to leave out when Node does not compile', async () => {
  const sample = sampleAgent({ limits: { runtimeCode: 'none', maxRuntimeCodeBytes: 0, maxThreads: 16 } });
  if (sample.program.kind !== 'node') return;
  const agent = await agents.start({ ...sample, program: { ...sample.program, flags: ['--jitless'] } });
  await agent.ask({ kind: 'work', rounds: 5 });
  const measured = await measureProcess(agent.pid, { ...agent.rules, segments: expected });
  expect(measured.findings).toEqual([]);
  expect(measured.parts.unhashedCode).toEqual({ mappings: 0, bytes: 0 });
  const compiling = await agents.start({ ...sample, limits: { ...sample.limits } });
  expect(kinds(probeProcess(compiling.pid, compiling.rules))).toEqual(['foreign-code']);
});

it('sees descriptors that were not given, and runtime code beyond its bound', async () => {
  const agent = await agents.start(sampleAgent());
  const strict = { ...agent.rules, given: new Set<string>(), maxRuntimeCodeBytes: 4096 };
  expect(kinds(probeProcess(agent.pid, strict))).toEqual(['foreign-code', 'unexpected-descriptor']);
});

it('says so when the process has gone, or another one has its number', async () => {
  const agent = await agents.start(sampleAgent());
  expect(kinds(probeProcess(agent.pid, { ...agent.rules, startTime: 1 }))).toEqual(['gone']);
  agent.kill('end');
  await agent.ended;
  expect(kinds(await measureProcess(agent.pid, agent.rules))).toEqual(['gone']);
});

it.runIf(hasCompiler())('measures a native agent in the same way, and sees it patched (gcc)', async () => {
  const built = buildC('c-agent/c-agent.c', join(folder, 'c-agent'));
  const executable = installProgram(readFileSync(built), join(folder, 'programs'));
  chmodSync(built, 0o777); // no longer of any interest
  const spec: AgentSpec = {
    name: 'native',
    program: { kind: 'native', executable },
    ...(asRoot ? { user: { uid: 64_400, gid: 64_400 } } : {}),
    arguments: [],
    environment: {},
    limits: { runtimeCode: 'none', maxRuntimeCodeBytes: 0, maxThreads: 1 },
  };
  const agent = await agents.start(spec);
  expect(await agent.ask({ kind: 'ping' })).toEqual({ kind: 'pong' });
  const segments = await expectedSegments(executable, mappedLibraries(agent.pid, executable));
  const rules = { ...agent.rules, segments };
  const honest = await measureProcess(agent.pid, rules);
  expect(honest.findings).toEqual([]);
  expect(honest.digest).toBe(digestOfSegments(segments));
  expect(agent.bundleSha256).toBe(basename(executable));
  const main = executableMappings(agent.pid).find((each) => each.name === executable);
  const putBack = patch(agent.pid, (main?.start ?? 0) + 8);
  expect(kinds(await measureProcess(agent.pid, rules))).toEqual(['text-changed', 'text-written']);
  putBack();
  expect(kinds(await measureProcess(agent.pid, rules))).toEqual(['text-written']);
});

it.runIf(hasCompiler())('sees code from a file that has no name (gcc)', async () => {
  const executable = buildC('c-agent/c-agent.c', join(folder, 'c-agent-2'));
  const agent = await agents.start({
    ...sampleAgent(),
    program: { kind: 'native', executable },
    limits: { runtimeCode: 'none', maxRuntimeCodeBytes: 0, maxThreads: 1 },
  });
  expect(kinds(probeProcess(agent.pid, agent.rules))).toEqual([]);
  await agent.ask({ kind: 'map-foreign' });
  const seen = probeProcess(agent.pid, agent.rules);
  expect(kinds(seen)).toEqual(['foreign-code']);
  expect(seen.findings[0]?.sentence).toContain('memfd:payload');
});
