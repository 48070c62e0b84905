import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import type { EvidenceSource } from '../../ports/evidence-source.ts';
import { createGuardSource } from './guard-source.ts';
import { ownVdso } from './measure-process.ts';
import { executableMappings } from './memory-map.ts';
import { startTimeOf } from './process-status.ts';
import { spawnAgent } from './spawn-agent.ts';
import { sampleAgent } from './testing/sample-agent.ts';
import { Watch } from './watch.ts';

const nonce = Buffer.alloc(32, 7);
const sources: EvidenceSource[] = [];
afterEach(() => Promise.all(sources.splice(0).map((each) => each.close())));

async function source(): Promise<EvidenceSource> {
  const made = await createGuardSource();
  sources.push(made);
  return made;
}

function patchText(pid: number): void {
  const text = executableMappings(pid).find((each) => each.name.includes('libm'));
  const memory = openSync(`/proc/${pid}/mem`, 'r+');
  const byte = Buffer.alloc(1);
  readSync(memory, byte, 0, 1, (text?.start ?? 0) + 5000);
  writeSync(memory, byte, 0, 1, (text?.start ?? 0) + 5000);
  closeSync(memory);
}

it('gives two agents of one kind the same digest, again and again', async () => {
  const guard = await source();
  const [one, two] = [
    await guard.start(sampleAgent(), () => {}),
    await guard.start(sampleAgent({ environment: { LANG: 'C', OTHER: '1' } }), () => {}),
  ];
  const digests = new Set<string>();
  for (const handle of [one, two, one]) {
    const evidence = await guard.measure(handle, nonce);
    expect(evidence.ok).toBe(true);
    digests.add(evidence.measurement.digest);
  }
  expect(digests.size).toBe(1);
  expect(await guard.sweep()).toEqual(new Map());
});

it('has killed an agent by the time it tells what it found', async () => {
  const guard = await source();
  const handle = await guard.start(sampleAgent(), () => {});
  patchText(handle.pid);
  const evidence = await guard.measure(handle, nonce);
  expect(evidence.ok).toBe(false);
  expect(evidence.measurement.findings.map((each) => each.kind)).toEqual(['text-written']);
  const end = await handle.ended;
  expect(end.signal).toBe('SIGKILL');
  expect(end.reason).toContain('were written to');
  expect(() => startTimeOf(handle.pid)).toThrow();
  const after = await guard.measure(handle, nonce);
  expect(after.measurement.findings.map((each) => each.kind)).toEqual(['gone']);
});

it('sweeps many agents and kills only the one that was touched', async () => {
  const guard = await source();
  const all = await Promise.all([1, 2, 3].map(() => guard.start(sampleAgent(), () => {})));
  const touched = all[1];
  if (touched === undefined) return;
  patchText(touched.pid);
  const found = await guard.sweep();
  expect([...found.keys()].map((each) => each.pid)).toEqual([touched.pid]);
  expect((await touched.ended).signal).toBe('SIGKILL');
  expect(await guard.sweep()).toEqual(new Map());
  for (const each of all.filter((other) => other !== touched)) {
    expect((await guard.measure(each, nonce)).ok).toBe(true);
  }
});

it('hashes in full what leaves no mark on the pages of a file', async () => {
  const agent = await spawnAgent(sampleAgent(), await ownVdso(), () => {});
  const watch = new Watch();
  // As if one of the copies that V8 keeps of its builtins were another one by now.
  watch.add(agent.pid, { ...agent.rules, equalCopies: 1000 });
  expect(await watch.sweep()).toEqual(new Map());
  for (let turn = 1; turn < 10; turn++) expect(await watch.sweep(() => {}, turn)).toEqual(new Map());
  const found = await watch.sweep(() => {}, 10);
  expect([...found].map(([pid, [first]]) => [pid, first?.kind])).toEqual([[agent.pid, 'text-changed']]);
  agent.kill('the test is over');
  await agent.ended;
});

it('refuses an agent that is not what it should be from its first moment on', async () => {
  const guard = await source();
  const sample = sampleAgent();
  const greedy = { ...sample, limits: { ...sample.limits, maxThreads: 1 } };
  await expect(guard.start(greedy, () => {})).rejects.toMatchObject({ code: 'ATTESTATION_REFUSED' });
  expect(await guard.sweep()).toEqual(new Map());
});
