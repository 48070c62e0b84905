import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { JournalEntrySchema } from '../../src/protocol/journal.ts';
import { ServiceControlSchema } from '../../src/protocol/service-control.ts';
import { UpFileSchema } from '../../src/runtime/up/up-file.ts';
import { isAlive } from './live-network.ts';

const home = mkdtempSync(join(tmpdir(), 'muster-control-'));
const root = new URL('../../', import.meta.url).pathname;
const PACKAGES = ['watched-video_ns', 'client_vnf', 'link-monitor_vnf', 'anomaly-detector_vnf']
  .concat('classifier_vnf', 'video-streamer_vnf')
  .map((name) => join(root, 'catalogue', name));
const AgentsSchema = z.array(
  z.looseObject({ name: z.string(), status: z.string(), keyed: z.boolean(), pid: z.number().nullable() }),
);
const RowsSchema = z.array(z.looseObject({ about: z.string(), change: z.string() }));
const DescribedSchema = z.looseObject({ control: ServiceControlSchema });

function muster(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, MUSTER_HOME: home };
    execFile(
      join(root, 'bin/muster'),
      args,
      { env, cwd: home, maxBuffer: 1 << 26 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await muster(...args);
  expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

async function asked(path: string): Promise<unknown> {
  const { api, token } = UpFileSchema.parse(JSON.parse(readFileSync(join(home, 'up.json'), 'utf8')));
  return (await fetch(`${api}${path}`, { headers: { authorization: `Bearer ${token}` } })).json();
}

const agents = async () => AgentsSchema.parse(await asked('/v1/agents'));

beforeAll(async () => {
  await said('up', '--sites', '4', '--plane', 'twin');
});
afterAll(async () => {
  await muster('down');
  rmSync(home, { recursive: true, force: true });
});

it('a service with control has attested agents while it runs, and none before and after', async () => {
  const before = (await agents()).map(({ name }) => name);
  const would = RowsSchema.parse(
    JSON.parse(await said('service', 'diff', ...PACKAGES, '--control', '-o', 'json')),
  ).flatMap(({ about }) => (about.startsWith('control agent ') ? about.slice('control agent '.length) : []));
  expect(would.length).toBeGreaterThanOrEqual(2);

  await said('service', 'apply', ...PACKAGES, '--control', '--wait');
  const { control } = DescribedSchema.parse(
    JSON.parse(await said('service', 'describe', 'watched-video', '-o', 'json')),
  );
  expect(control).toMatchObject({ control: 'planned', pipeline: 'watched-video', state: 'up', lacks: [] });
  const names = control.agents.map(({ name }) => String(name));
  // Nothing was on its sites before, so it is where it would have been.
  expect([...names].sort()).toEqual([...would].sort());
  const there = (await agents()).filter(({ name }) => names.includes(name));
  expect(there).toHaveLength(names.length);
  for (const agent of there) expect(agent).toMatchObject({ status: 'attested', keyed: true });
  await expectSteps(names);
  expect(await asked('/v1/status')).toMatchObject({ alarms: [] });

  await said('service', 'terminate', 'watched-video', '--remove', '--yes', '--wait');
  expect((await agents()).map(({ name }) => name).sort()).toEqual([...before].sort());
  await expect.poll(() => there.some(({ pid }) => isAlive(pid ?? 0)), { timeout: 10_000 }).toBe(false);
});

/** Each of these has come in a step of its own, which follows from what was done to the service. */
async function expectSteps(names: readonly string[]): Promise<void> {
  const entries = z.array(JournalEntrySchema).parse(await asked('/v1/entries'));
  for (const name of names) {
    const step = entries.find((each) => each.reason.includes(`control of watched-video: add ${name} `));
    expect(step?.because).toHaveLength(1);
  }
}
