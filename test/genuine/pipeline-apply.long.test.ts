import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { PipelineDocumentSchema } from '../../src/protocol/pipeline-descriptor.ts';
import { isAlive } from './live-network.ts';

const home = mkdtempSync(join(tmpdir(), 'muster-pipeline-'));
const bin = new URL('../../bin/muster', import.meta.url).pathname;
const AgentsSchema = z.array(
  z.looseObject({
    name: z.string(),
    site: z.string(),
    host: z.string(),
    status: z.string(),
    keyed: z.boolean(),
    incarnation: z.number(),
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
  const list = AgentsSchema.parse(JSON.parse(await said('agent', 'list', '-o', 'json')));
  return new Map(list.map((each) => [each.name, each]));
}

/** The paper's three sites, each with a second host that nobody looks after. */
function roomyThreeSites(): string {
  const text = readFileSync(new URL('../../scenarios/three-sites.yaml', import.meta.url), 'utf8');
  const spare = ['north-2, switch: s1, site: north', 'south-2, switch: s2, site: south'];
  const hosts = spare.map((each) => `    - { name: ${each}, cpu: 2, memoryGb: 2 }\n`).join('');
  const file = join(home, 'three-sites.yaml');
  writeFileSync(file, text.replace('  accessPoints:', `${hosts}  accessPoints:`));
  return file;
}

const file = join(home, 'pipeline.yaml');
afterAll(async () => {
  await muster('down');
  rmSync(home, { recursive: true, force: true });
}, 180_000);

const write = (document: unknown) => writeFileSync(file, stringify(document));

describe('a pipeline that is up', () => {
  beforeAll(async () => {
    await said('up', roomyThreeSites(), '--plane', 'twin');
  }, 120_000);
  afterAll(async () => {
    await muster('down');
  }, 180_000);

  it('is told as a file that can be given back, and is changed by it while it goes on', async () => {
    const text = await said('pipeline', 'get');
    const document = PipelineDocumentSchema.parse(parse(text));
    expect(document.pipeline.name).toBe('three-sites');
    write(document);
    expect(await said('pipeline', 'validate', file)).toContain('can be applied to what is up');
    expect((await muster('pipeline', 'diff', file)).stderr).toContain('nothing would change');

    const before = await agents();
    const { pipeline } = document;
    const kept = pipeline.agents.filter(({ name }) => name !== 'monitor');
    const changed = {
      pipeline: {
        name: pipeline.name,
        agents: [
          // Judges as well from now on: its next incarnation, at the same host.
          ...kept.map((agent) =>
            agent.name === 'limiter'
              ? { ...agent, capabilities: ['rate-limiter', 'anomaly-detection'] }
              : agent,
          ),
          { name: 'watcher', site: 'north', host: 'north-2', capabilities: ['link-monitor'] },
        ],
        verification: { perRound: 1, order: ['server', 'watcher', 'limiter'] },
      },
    };
    write(changed);
    const rows = z
      .array(z.strictObject({ agent: z.string(), change: z.string(), what: z.string(), ledger: z.string() }))
      .parse(JSON.parse(await said('pipeline', 'diff', file, '-o', 'json')));
    expect(rows.map(({ agent, change }) => `${change} ${agent}`.trim())).toEqual([
      'add watcher',
      'move limiter',
      'remove monitor',
      'order',
    ]);
    expect(rows[2]?.ledger).toContain('withdrawAgent');

    await said('pipeline', 'apply', file, '--wait');
    const after = await agents();
    expect([...after.keys()].sort()).toEqual(['limiter', 'server', 'watcher']);
    for (const agent of after.values()) expect(agent).toMatchObject({ status: 'attested', keyed: true });
    expect(after.get('server')).toMatchObject({ pid: before.get('server')?.pid, incarnation: 1 });
    expect(after.get('limiter')).toMatchObject({ host: 'south-1', incarnation: 2 });
    expect(after.get('watcher')).toMatchObject({ site: 'north', host: 'north-2' });
    expect(isAlive(before.get('monitor')?.pid ?? 0)).toBe(false);
    // Others have bargained for what the one that went looked after.
    await expect
      .poll(async () => (await agents()).get('watcher')?.roles, { timeout: 20_000, interval: 500 })
      .toContain('link-monitor');
    // And it has taken up again itself what nobody else could.
    await expect
      .poll(async () => (await agents()).get('limiter')?.roles, { timeout: 20_000, interval: 500 })
      .toContain('rate-limiter');
    const ledger = await said('ledger', 'list');
    expect(ledger.split('\n').findLast((line) => line.includes('The attestation plan is now'))).toMatch(
      /server, watcher and limiter/,
    );
    expect((await muster('pipeline', 'diff', file)).stderr).toContain('nothing would change');
  }, 180_000);

  it('a file that cannot be is refused whole, with every reason, and changes nothing', async () => {
    const before = await agents();
    const document = PipelineDocumentSchema.parse(parse(readFileSync(file, 'utf8')));
    write({
      pipeline: {
        ...document.pipeline,
        agents: document.pipeline.agents.map((agent) => ({ ...agent, host: 'core-1', site: 'north' })),
      },
    });
    const refused = await muster('pipeline', 'apply', file);
    expect(refused.code).toBe(64);
    expect(refused.stderr).toMatch(/core-1 is at core, not at north/);
    expect(refused.stderr).toMatch(/looks after core-1 already/);
    expect([...(await agents()).values()].map(({ pid }) => pid)).toEqual(
      [...before.values()].map(({ pid }) => pid),
    );
  }, 180_000);

  it('agents of another pipeline come beside it, and go without it', async () => {
    const control = (agent: object[]) => ({ pipeline: { name: 'shop', service: 'shop', agents: agent } });
    write(
      control([
        {
          name: 'shop-north',
          site: 'north',
          host: 'north-1',
          capabilities: ['link-monitor', 'rate-limiter'],
        },
        {
          name: 'shop-south',
          site: 'south',
          host: 'south-2',
          capabilities: ['rate-limiter', 'anomaly-detection'],
        },
      ]),
    );
    await said('pipeline', 'apply', file, '--wait');
    expect((await agents()).get('shop-south')).toMatchObject({ status: 'attested', keyed: true });
    expect(await said('pipeline', 'get', 'shop')).toContain('shop-north');
    expect(await said('pipeline', 'get')).not.toContain('shop-north');
    write(control([]));
    await said('pipeline', 'apply', file);
    expect([...(await agents()).keys()].sort()).toEqual(['limiter', 'server', 'watcher']);
  }, 120_000);
});

describe('a service that runs', () => {
  const root = new URL('../../', import.meta.url).pathname;
  beforeAll(async () => {
    await said('up', '--sites', join(root, 'examples/pipeline/sites.yaml'), '--plane', 'twin');
  }, 120_000);

  it('is given the control agents that its packages ask for, at the sites where its units are', async () => {
    const packages = ['client', 'link-monitor', 'anomaly-detector', 'classifier', 'video-streamer'];
    const paths = ['watched-video_ns', ...packages.map((name) => `${name}_vnf`)];
    await said('service', 'apply', ...paths.map((path) => join(root, 'catalogue', path)), '--wait');
    const [service] = z
      .array(z.looseObject({ sites: z.array(z.string()) }))
      .parse(JSON.parse(await said('service', 'list', '-o', 'json')));
    const before = await agents();
    writeFileSync(file, await said('pipeline', 'plan', 'watched-video'));
    const { pipeline } = PipelineDocumentSchema.parse(parse(readFileSync(file, 'utf8')));
    const sites = new Set<string>(pipeline.agents.map(({ site }) => site));
    for (const site of service?.sites ?? []) expect(sites).toContain(site);
    await said('pipeline', 'apply', file, '--wait');
    const after = await agents();
    for (const { name, site, host } of pipeline.agents) {
      expect(after.get(name)).toMatchObject({ site, host, status: 'attested', keyed: true });
    }
    for (const [name, { pid }] of before) expect(after.get(name)).toMatchObject({ pid, incarnation: 1 });
    // Planned again, it stays as it is, and the service has not been touched.
    expect(parse(await said('pipeline', 'plan', 'watched-video'))).toEqual(parse(readFileSync(file, 'utf8')));
    expect((await muster('pipeline', 'diff', file)).stderr).toContain('nothing would change');
    expect(await said('service', 'list')).toMatch(/watched-video +INSTANTIATED .* 5\/5/);
  }, 180_000);
});
