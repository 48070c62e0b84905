import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { WorkflowStepSchema } from '../../src/protocol/journal.ts';
import type { UpFile } from '../../src/runtime/up/up-file.ts';
import { UpFileSchema } from '../../src/runtime/up/up-file.ts';
import { isAlive } from './live-network.ts';

const home = mkdtempSync(join(tmpdir(), 'muster-changed-'));
const bin = new URL('../../bin/muster', import.meta.url).pathname;
const AgentsSchema = z.array(
  z.looseObject({
    name: z.string(),
    site: z.string(),
    host: z.string(),
    status: z.string(),
    incarnation: z.number(),
    pid: z.number().nullable(),
  }),
);

/** Runs a command in an empty directory: what it tells comes from what is up. Answers what it said and its exit code. */
function muster(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, MUSTER_HOME: home };
    execFile(bin, args, { env, cwd: home, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await muster(...args);
  expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

async function agents(): Promise<ReadonlyMap<string, z.infer<typeof AgentsSchema>[number]>> {
  const list = AgentsSchema.parse(JSON.parse(await said('agent', 'list', '-o', 'json')));
  return new Map(list.map((each) => [each.name, each]));
}

describe('a pipeline that is up', () => {
  let up: UpFile;
  beforeAll(async () => {
    await said('up', 'demo', '--plane', 'twin');
    up = UpFileSchema.parse(JSON.parse(readFileSync(join(home, 'up.json'), 'utf8')));
  }, 120_000);
  afterAll(async () => {
    await muster('down');
    rmSync(home, { recursive: true, force: true });
  }, 180_000);

  it('tells its ledger, its keys, its agents, auctions and reasons without being told where they are', async () => {
    expect(await said('ledger', 'list')).toContain('The attestation plan is now');
    const keys = JSON.parse(await said('key', 'list', '-o', 'json')) as { key: string; since: string }[];
    expect(keys.map((each) => each.key)).toEqual(Array.from({ length: 8 }, () => 'current'));
    expect(keys.every((each) => Date.parse(each.since) > 0)).toBe(true);
    expect(await said('key', 'list', '--epochs')).toMatch(/EPOCH\s+OPENED\s+STEWARD/);
    expect(await said('auction', 'list')).toContain('functionPlaced(apache)');
    expect(await said('why')).toContain('functionPlaced');
    expect(await said('agent', 'describe', 'a1')).toMatch(/hostUsage\(self\)\s+true/);
    expect((await muster('agent', 'describe', 'nobody')).code).toBe(64);
  }, 180_000);

  it('has told each step by which it came up, with its duration', async () => {
    const answer = await fetch(`${up.api}/v1/entries`, { headers: { authorization: `Bearer ${up.token}` } });
    const entries = z
      .array(
        z.looseObject({ kind: z.string(), step: z.string().optional(), durationMs: z.number().optional() }),
      )
      .parse(await answer.json());
    const steps = entries.filter((each) => each.kind === 'phase' && each.step !== undefined);
    expect(steps.map((each) => each.step).sort()).toEqual([...WorkflowStepSchema.options].sort());
    for (const { durationMs } of steps) expect(durationMs).toBeGreaterThanOrEqual(0);
    expect(steps.find((each) => each.step === 'operation')?.durationMs).toBeGreaterThan(1000);
  });

  it('loses, takes in and moves an agent, each with a new key and a new plan; the others go on', async () => {
    const before = await agents();
    const held = before.get('a1')?.pid ?? 0;
    expect(isAlive(held)).toBe(true);
    await said('agent', 'remove', 'a1');
    expect(isAlive(held)).toBe(false);
    expect((await agents()).has('a1')).toBe(false);

    const busy = await muster('agent', 'add', 'a9', '--host', 's1-cpu4mem4');
    expect([busy.code, busy.stderr]).toEqual([64, expect.stringContaining('a2 looks after')]);
    await said('agent', 'add', 'a9', '--host', 's1-cpu2mem2', '--wait');
    expect((await agents()).get('a9')).toMatchObject({ site: 'west', status: 'attested', incarnation: 1 });

    await said('agent', 'remove', 'a3');
    await said('agent', 'move', 'a9', '--host', 's2-cpu2mem2', '--wait');
    const after = await agents();
    expect(after.get('a9')).toMatchObject({ site: 'east', status: 'attested', incarnation: 2 });
    expect([...after.keys()].sort()).toEqual(['a2', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9']);
    for (const name of ['a2', 'a4', 'a5', 'a6', 'a7', 'a8']) {
      expect(after.get(name)).toMatchObject({ pid: before.get(name)?.pid, incarnation: 1 });
    }
    const plan = (await said('ledger', 'list'))
      .split('\n')
      .findLast((line) => line.includes('The attestation plan is now'));
    for (const name of after.keys()) expect(plan).toContain(name);
    expect(plan).not.toMatch(/\ba[13]\b/);
    // It knows its new host, and the others know that it is one of them.
    expect(await said('agent', 'describe', 'a9')).toMatch(/hostUsage\(self\)\s+true/);
    expect((await muster('agent', 'remove', 'a3')).code).toBe(1);
  }, 180_000);
});
