import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { agentKeyOf } from '../../src/adapters/keys/hashing.ts';
import type { UpgradeViewSchema } from '../../src/protocol/upgrade.ts';
import { ownImage } from '../../src/runtime/genuine/agent-image.ts';
import type { Pipeline } from '../../src/runtime/genuine/pipeline.ts';
import { imageText, wrapImage } from '../../src/runtime/image/wrap-image.ts';
import type { Run } from '../../src/runtime/open-run.ts';
import { openRun } from '../../src/runtime/open-run.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { loadScenario } from '../../src/runtime/scenario/load-scenario.ts';
import { isAlive } from './live-network.ts';

const home = mkdtempSync(join(tmpdir(), 'muster-upgraded-'));
const bin = new URL('../../bin/muster', import.meta.url).pathname;
const AgentsSchema = z.array(
  z.looseObject({
    name: z.string(),
    status: z.string(),
    keyed: z.boolean(),
    incarnation: z.number(),
    version: z.number(),
    roles: z.array(z.string()),
    pid: z.number().nullable(),
  }),
);

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

async function agents() {
  return AgentsSchema.parse(JSON.parse(await said('agent', 'list', '-o', 'json')));
}

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the agents of a muster up', () => {
  const image = (version: number) => join(home, `images/agent-${version}.image.json`);
  beforeAll(async () => {
    await said('image', 'key');
    await said('image', 'build', 'agent');
    await said('image', 'build', 'agent', '--release', '2');
    const broken = join(home, 'broken.mjs');
    writeFileSync(broken, 'process.exit(3);\n');
    await said('image', 'build', 'agent', '--release', '3', '--entry', broken);
    await said('image', 'key', '--out', 'other/key');
    await said('image', 'build', 'agent', '--release', '9', '--key', 'other/key');
    await said(
      'up',
      'three-sites',
      '--plane',
      'twin',
      '--image',
      image(1),
      '--operator-key',
      '.muster/operator.key.pub',
    );
  }, 240_000);
  afterAll(async () => {
    await muster('down');
  }, 180_000);

  it('go over to a newer image one after the other; the old processes end', async () => {
    await expect
      .poll(async () => (await agents()).flatMap(({ roles }) => roles), { timeout: 60_000 })
      .toEqual(expect.arrayContaining(['link-monitor', 'rate-limiter', 'web-server']));
    const before = await agents();
    expect(before.map(({ version }) => version)).toEqual([1, 1, 1]);
    const dry = await muster('pipeline', 'upgrade', image(2), '--dry-run');
    expect(dry.stderr).toContain('3 agents would go over to version 2');
    expect((await agents()).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
    const { code, stderr } = await muster('pipeline', 'upgrade', image(2), '--wait');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('all agents went over to version 2');
    expect((await agents()).map(({ status, version }) => [status, version])).toEqual(
      before.map(() => ['attested', 2]),
    );
    // With the last of the old ones gone the group has one more epoch, which its members are about to acknowledge.
    await expect
      .poll(async () => (await agents()).map(({ keyed }) => keyed), { timeout: 20_000 })
      .toEqual(before.map(() => true));
    // What is watched and limited has been won again; the server itself stays where it was placed.
    await expect
      .poll(async () => (await agents()).flatMap(({ roles }) => roles), { timeout: 60_000, interval: 500 })
      .toEqual(expect.arrayContaining(['link-monitor', 'rate-limiter']));
    for (const { pid } of before) await expect.poll(() => isAlive(pid ?? 0), { timeout: 10_000 }).toBe(false);
    const digest = /"digest": "([0-9a-f]{64})"/.exec(
      await said('image', 'verify', image(2), '-o', 'json'),
    )?.[1];
    expect(await said('pipeline', 'get')).toContain(`@sha256:${digest}`);
  }, 300_000);

  it('take no older image afterwards, none of another operator, and stay as they are', async () => {
    const before = await agents();
    const older = await muster('pipeline', 'upgrade', image(1));
    expect(older.code).toBe(3);
    expect(older.stderr).toContain('it is older than version 2, which agents run already');
    const strange = await muster('pipeline', 'upgrade', image(9));
    expect(strange.code).toBe(3);
    expect(strange.stderr).toContain('signed by another key');
    expect((await muster('pipeline', 'upgrade', image(2))).stderr).toContain('nothing to change');
    expect((await agents()).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
  }, 180_000);

  it('go on as they are when a successor comes to nothing: it is said why, and one that ends comes back as it was', async () => {
    const before = await agents();
    const stopped = await muster('pipeline', 'upgrade', image(3), '--wait');
    expect(stopped.code).toBe(3);
    expect(stopped.stderr).toMatch(/the successor of \w+ has come to nothing: it could not be started/);
    expect(stopped.stderr).toMatch(/goes on with version 2; 0 of 3 agents are on version 3/);
    expect((await agents()).map(({ pid, status }) => [pid, status])).toEqual(
      before.map(({ pid }) => [pid, 'attested']),
    );
    const [first] = before;
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await expect
      .poll(async () => (await agents()).find(({ name }) => name === first?.name), {
        timeout: 60_000,
        interval: 500,
      })
      .toMatchObject({ status: 'attested', keyed: true, version: 2 });
  }, 180_000);
});

describe('a recorded run in which all agents go over during an attack', () => {
  /** The longest that each agent was not attested while the upgrade was on, ms. */
  const longestMs = new Map<string, number>();
  let dir = '';
  let run: Run;
  const versions = new Map<string, number>();
  let view: z.infer<typeof UpgradeViewSchema> | undefined;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'muster-upgraded-run-'));
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const image = await ownImage(dir, { privateKey, publicKey });
    const { format: _, bundleSha256: __, bundleBytes: ___, ...about } = image.verified.manifest;
    const next = imageText(wrapImage(image.verified.bundle, { ...about, version: 2 }, privateKey));
    const loaded = await loadScenario(new URL('../../scenarios/three-sites.yaml', import.meta.url).pathname);
    if (!loaded.ok) throw new Error('three-sites.yaml is not a scenario');
    const { scenario } = loaded;
    let pipeline: Pipeline | undefined;
    const since = new Map<string, number>();
    const look = () => {
      if (pipeline === undefined) return;
      view = pipeline.upgrade();
      for (const { name } of pipeline.specs) {
        const agent = agentKeyOf(name);
        versions.set(name, pipeline.trust.state.agents.get(agent)?.version ?? 0);
        const nowMs = performance.now();
        if (pipeline.trust.attested(agent) !== undefined) since.delete(name);
        else if (view.state === 'running') {
          if (!since.has(name)) since.set(name, nowMs);
          const gapMs = nowMs - (since.get(name) ?? nowMs);
          longestMs.set(name, Math.max(longestMs.get(name) ?? 0, gapMs));
        }
      }
    };
    const timer = setInterval(look, 50);
    try {
      await runScenario({
        scenario: {
          ...scenario,
          durationMs: 65_000,
          attacks: scenario.attacks.map((each) => ({ ...each, durationMs: 60_000 })),
        },
        plane: 'twin',
        seed: 1,
        defence: 'on',
        genuine: true,
        image,
        outDir: join(dir, 'run'),
        onPipeline: (each) => {
          pipeline = each;
        },
        onProgress: (progress) => {
          if (progress.kind !== 'tick') return;
          if (pipeline === undefined || view?.state !== 'none' || progress.tMs < 15_000) return;
          // While somebody is not well it is refused, and asked for again with the next measurement.
          pipeline.upgradeTo(next, 'alice').catch(() => {});
        },
      });
    } finally {
      clearInterval(timer);
    }
    run = await openRun(join(dir, 'run'));
  }, 300_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const lost = () =>
    run.journal.flatMap((each) =>
      each.kind === 'ledger' && ['Suspended', 'Revoked', 'ValidityExpired'].includes(each.event)
        ? [each.subject]
        : [],
    );

  const upgradeSteps = () =>
    run.journal.flatMap((each) =>
      each.kind === 'phase' && each.phase.startsWith('upgrade: ') ? [each] : [],
    );

  it('ends with all on the newer version, each step with its duration in the journal, nobody unattested meanwhile', () => {
    expect(view).toMatchObject({
      state: 'done',
      startedBy: 'alice',
      from: { version: 1 },
      to: { version: 2 },
    });
    expect([...versions.values()]).toEqual([2, 2, 2]);
    // Whoever was thrown out for something else, as a guard is that gets no time to judge in, was not attested for longer.
    const steady = [...versions.keys()].filter((name) => !lost().includes(name));
    expect(steady.length).toBeGreaterThan(0);
    for (const name of steady) expect(longestMs.get(name) ?? 0).toBeLessThan(1000);
    const steps = upgradeSteps();
    process.stderr.write(
      `${steps.map(({ phase, durationMs }) => `${durationMs} ms: ${phase}`).join('\n')}\n`,
    );
    expect(steps).toHaveLength(5);
    for (const { durationMs } of steps) expect(durationMs).toBeGreaterThanOrEqual(0);
    expect(steps[0]?.phase).toContain('alice has 3 agents go over to it');
    const registered = run.journal.filter(
      (each) => each.kind === 'ledger' && each.event === 'AgentRegistered',
    );
    expect(registered.filter((each) => each.reason.includes('version 2')).length).toBeGreaterThanOrEqual(3);
  });

  it('blocks nobody who is none of the attack, and leaves no rule without an owner', () => {
    const met = Object.fromEntries(run.report.expectations.map(({ name, met }) => [name, met]));
    expect(met).toMatchObject({ maxFalsePositives: true, noOrphanRules: true });
  });

  it('is replayed with the lives of both versions', async () => {
    const { equal, difference, entries } = await run.replay();
    expect(difference).toBeUndefined();
    expect(equal).toBe(true);
    expect(entries).toBe(run.journal.filter((each) => each.agent !== 'muster').length);
  });
});
