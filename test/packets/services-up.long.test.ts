import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instanceOf } from '../../src/adapters/infrastructure-linux/names.ts';
import type { UnitRecord } from '../../src/protocol/service-record.ts';
import { functionVnfd, SCALES, shopNsd } from '../../src/runtime/services/testing/shop-packages.ts';
import { stampedPackages, stampedService } from '../../src/runtime/services/testing/stamped-service.ts';
import { functionsDirectory } from '../../src/runtime/up/functions-directory.ts';
import { musterHome } from './support/muster-home.ts';

// `muster up --sites 4` on real packets, and what an operator does with services there: functions and a site are killed, load comes, the
// supervisor itself is killed. Everything through the command line and the API.

const CATALOGUE = fileURLToPath(new URL('../../catalogue', import.meta.url));
const home = musterHome();
const stateDir = functionsDirectory(home.dir);
const up = (...more: readonly string[]) =>
  home.must('up', '--sites', '4', '--plane', 'linux', '--rebirth', '0', ...more);

beforeAll(async () => {
  await up();
  await home.must('package', 'onboard', ...stampedPackages);
}, 120_000);
afterAll(async () => {
  await home.muster('down');
  expect(left()).toEqual([]);
  home.forget();
}, 180_000);

/** What of the functions is still on the machine. */
function left(): readonly string[] {
  const instance = instanceOf(stateDir);
  const namespaces = existsSync('/run/netns')
    ? readdirSync('/run/netns').filter((each) => each.includes(instance))
    : [];
  return [...namespaces, ...(existsSync(stateDir) ? [stateDir] : [])];
}

/** Outermost process of each unit that has been started, by its id. */
function processes(): ReadonlyMap<string, number> {
  const dir = join(stateDir, 'units');
  const files = existsSync(dir) ? readdirSync(dir).filter((file) => file.endsWith('.json')) : [];
  return new Map(
    files.flatMap((file): [string, number][] => {
      const { order, process } = JSON.parse(readFileSync(join(dir, file), 'utf8'));
      return process === undefined ? [] : [[order.id, process.pid]];
    }),
  );
}

const kill = (unit: string) => process.kill(processes().get(unit) ?? 0, 'SIGKILL');
const units = async (name: string) => (await home.client().get(name)).shape.units;

/** Waits until it holds of the units of a service and no operation is under way; answers how long it took, ms. */
async function until(name: string, withinMs: number, holds: (all: readonly UnitRecord[]) => boolean) {
  const fromMs = performance.now();
  for (;;) {
    const { shape, operation } = await home.client().get(name);
    const tookMs = performance.now() - fromMs;
    if (operation === null && shape.units.every(({ state }) => state === 'running') && holds(shape.units)) {
      return tookMs;
    }
    if (tookMs > withinMs) {
      const said = shape.units.map(({ id, site, state, reason }) => `${id} at ${site} ${state} ${reason}`);
      throw new Error(`not within ${withinMs} ms:\n${said.join('\n')}\n${await history(name)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What was done to a service, and how long each step took. */
async function history(name: string): Promise<string> {
  const all = await home.client().operations(name);
  return all
    .map(({ params, state, reason, startedAtMs, steps, errors }) => {
      const took = steps.map(
        ({ kind, startedAtMs: fromMs, endedAtMs }) =>
          `${kind} +${(fromMs ?? 0) - startedAtMs}..${(endedAtMs ?? 0) - startedAtMs}`,
      );
      return `${params.kind} ${state} at ${startedAtMs}: ${reason}\n  ${[...took, ...errors.map(({ message }) => message)].join(', ')}`;
    })
    .join('\n');
}

async function applied(name: string, ...sites: readonly string[]) {
  const { file, probe } = stampedService(name, sites);
  // What an earlier test has left would be in the way of this one's counts.
  for (const each of await home.client().list()) {
    if (each.operation !== null) await home.over(each.operation);
    await ended(each.name);
  }
  const { operation } = await home.client().apply({ service: file });
  const done = await home.over(operation?.id);
  expect(done.state, done.errors.at(-1)?.message).toBe('COMPLETED');
  return async () => {
    const probed = await home.over((await home.client().action(name, probe)).id);
    expect(probed.state, probed.errors.at(-1)?.message).toBe('COMPLETED');
    return probed.outputs[0]?.output;
  };
}
const ended = async (name: string) => home.over((await home.client().terminate(name, { remove: true })).id);

describe('a service on four sites', () => {
  test('carries traffic through each of its functions, and its reasons can be read', async () => {
    const verified = await applied('shop', 'site1', 'site2', 'site3', 'site4');
    expect(await verified()).toMatch(/^verified/);
    expect(new Set((await units('shop')).map(({ site }) => site)).size).toBe(4);
    const why = await home.must('why', 'shop/web/unit/0');
    expect(why.stdout).toMatch(/unitHosted\(.*,web\/unit\/0\)/);
    const table = await home.must('service', 'list');
    expect(table.stdout).toContain('shop');
    expect((await home.must('status')).stdout).toMatch(/1 services on 4 sites, 5 of 5 units run/);
    await ended('shop');
    expect([...processes().keys()]).toEqual([]);
  });

  test('is changed while it runs: functions go to other sites, and their successors have their addresses', async () => {
    await applied('changed', 'site1', 'site2', 'site3', 'site4');
    const before = await units('changed');
    const { file, probe } = stampedService('changed', ['site4', 'site3', 'site2', 'site1']);
    const { operation } = await home.client().apply({ service: file });
    const done = await home.over(operation?.id);
    expect(done.state, done.errors.at(-1)?.message).toBe('COMPLETED');
    const probed = await home.over((await home.client().action('changed', probe)).id);
    expect(probed.outputs[0]?.output, probed.errors.at(-1)?.message).toMatch(/^verified/);
    const after = await units('changed');
    expect(after.map(({ id }) => id).filter((id) => before.some((each) => each.id === id))).toEqual([]);
    await ended('changed');
    expect([...processes().keys()]).toEqual([]);
  });

  test('is applied though another one of the same command is refused', async () => {
    const paths = [stampedService('nowhere', ['mars']), stampedService('somewhere')].map(({ file }) => {
      const path = join(home.dir, `${file.name}.yaml`);
      writeFileSync(path, JSON.stringify({ service: file }));
      return path;
    });
    const { code, stdout, stderr } = await home.muster('service', 'apply', ...paths, '--wait');
    expect(code).not.toBe(0);
    expect(stderr).toContain('is to run at mars, and there is no such site');
    expect(stdout).toMatch(/somewhere .*COMPLETED/);
    await ended('somewhere');
  });

  test('has a function that was killed back within 2 s, without anybody asking', async () => {
    const verified = await applied('healed');
    const [second] = (await units('healed')).filter(({ vnf }) => vnf === 'second');
    kill(second?.id ?? '');
    const tookMs = await until('healed', 2000, (all) => all.every(({ id }) => id !== second?.id));
    expect(await verified()).toMatch(/^verified/);
    process.stderr.write(`healed after ${Math.round(tookMs)} ms\n`);
    await ended('healed');
  });

  test('is back within 5 s of the death of a site, elsewhere, and what had stayed there is ended when the site is back', async () => {
    const verified = await applied('moved');
    const before = await units('moved');
    const site = before.find(({ vnf }) => vnf === 'third')?.site ?? '';
    const there = before.filter((each) => each.site === site);
    const daemon = (await home.status()).processes[`daemon ${site}`] ?? 0;
    // It is there and does not answer: the same as a machine that is gone, only that it can come back.
    process.kill(daemon, 'SIGSTOP');
    const [kept, ...killed] = there.map(({ id }) => id);
    for (const id of killed) kill(id);
    try {
      const tookMs = await until('moved', 5000, (all) => all.every((each) => each.site !== site));
      process.stderr.write(`${there.length} units moved away from ${site} after ${Math.round(tookMs)} ms\n`);
      expect(await verified()).toMatch(/^verified/);
      expect((await home.status()).alarms).toEqual([
        expect.stringContaining(`the site ${site} does not answer`),
      ]);
      expect(processes().has(kept ?? '')).toBe(true);
    } finally {
      process.kill(daemon, 'SIGCONT');
    }
    await expect.poll(() => processes().has(kept ?? ''), { timeout: 5000 }).toBe(false);
    expect(await verified()).toMatch(/^verified/);
    await ended('moved');
  });

  test('comes back where it was when a daemon and the functions of its site are killed and the daemon is started again', async () => {
    const verified = await applied('killed');
    const before = await units('killed');
    const site = before.find(({ vnf }) => vnf === 'first')?.site ?? '';
    process.kill((await home.status()).processes[`daemon ${site}`] ?? 0, 'SIGKILL');
    const gone = before.filter((each) => each.site === site).map(({ id }) => id);
    for (const id of gone) kill(id);
    const tookMs = await until('killed', 5000, (all) => all.every(({ id }) => !gone.includes(id)));
    process.stderr.write(`${gone.length} units of ${site} back after ${Math.round(tookMs)} ms\n`);
    expect(await verified()).toMatch(/^verified/);
    await ended('killed');
  });
});

test('what is sent to the web server of the catalogue passes its firewall, whatever the port', async () => {
  const catalogue = ['protected-web_ns', 'client_vnf', 'firewall_vnf', 'rate-limiter_vnf', 'web-server_vnf'];
  await home.must('service', 'apply', ...catalogue.map((each) => join(CATALOGUE, each)), '--wait');
  const probe = ['--vnf', 'visitor', '--primitive', 'probe', '--param', 'server=10.20.0.10:80', '--wait'];
  expect((await home.must('service', 'action', 'protected-web', ...probe)).stdout).toMatch(/answered/);
  // Where nobody listens, a packet that comes through is refused at once; one that the firewall drops is not answered at all.
  const to = (port: number) =>
    home.muster(
      ...['service', 'exec', 'protected-web', 'visitor/unit/0', '--'],
      ...['timeout', '-s', 'KILL', '2', 'bash', '-c', `exec 3<>/dev/tcp/10.20.0.10/${port}`],
    );
  expect((await to(80)).code).toBe(0);
  expect((await to(81)).stderr).toMatch(/ended (with 137|after|by)/);
  const open = [
    '--vnf',
    'firewall',
    '--primitive',
    'add-rule',
    '--param',
    'rule=accept tcp port 81',
    '--wait',
  ];
  await home.must('service', 'action', 'protected-web', ...open);
  expect((await to(81)).stderr).toContain('refused');
  await ended('protected-web');
});

test('load over a threshold scales out within 1 s after its window', async () => {
  const windowMs = 2000;
  home.write(
    'site.yaml',
    `images:
  wall-image: { catalogue: forwarder }
  busy-image: { program: { command: [bash, -c, 'while :; do for i in {1..5000}; do :; done; sleep 0.02; done'] } }
`,
  );
  await home.must('down');
  await up();
  const files = [
    home.write('wall.yaml', functionVnfd('wall')),
    home.write('busy.yaml', functionVnfd('busy', { flavour: SCALES })),
    home.write('shop.yaml', shopNsd('wall', 'busy')),
  ];
  await home.must('package', 'onboard', ...files);
  const file = {
    name: 'loaded',
    nsd: 'shop-ns',
    members: { web: { scaling: { 'by-load': { scaleOut: 5, scaleIn: 1, windowMs, cooldownMs: 600_000 } } } },
  };
  const { operation } = await home.client().apply({ service: file });
  const began = await home.over(operation?.id);
  // It works from its first moment.
  const busyMs = began.steps.find(({ kind }) => kind === 'await-health')?.endedAtMs ?? 0;
  await until('loaded', 15_000, (all) => all.filter(({ vnf }) => vnf === 'web').length === 2);
  const scaled = (await home.client().operations('loaded')).find(({ params }) => params.kind === 'scale');
  const beganMs = scaled?.startedAtMs ?? Number.NaN;
  const ranMs = scaled?.steps.find(({ kind }) => kind === 'await-health')?.endedAtMs ?? Number.NaN;
  process.stderr.write(
    `scaling began ${beganMs - busyMs - windowMs} ms after load and window, and ran ${ranMs - beganMs} ms later\n`,
  );
  expect(scaled?.reason).toMatch(/cpu_utilization/);
  // From the load on, all of it: measuring, bargaining, starting.
  expect(ranMs - busyMs - windowMs).toBeLessThan(1000);
  await ended('loaded');
}, 120_000);

test('functions go on when the supervisor is killed, are taken over by the next one, or ended by muster down', async () => {
  const verified = await applied('adopted');
  const before = processes();
  expect(before.size).toBe(5);
  const crash = async () => {
    const { pid } = home.up();
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 5000 }).toBe(false);
  };
  await crash();
  await up();
  expect(processes()).toEqual(before);
  expect(await verified()).toMatch(/^verified/);
  // Kept on purpose.
  await home.must('down', '--keep-functions');
  expect(processes()).toEqual(before);
  await up();
  expect(await verified()).toMatch(/^verified/);
  await crash();
  expect((await home.muster('down')).stderr).toMatch(/functions .*that had been left behind are gone/);
  expect(left()).toEqual([]);
  // On record all the same: they run again.
  await up();
  await until('adopted', 10_000, (all) => all.length === 5);
  expect(await verified()).toMatch(/^verified/);
  await ended('adopted');
}, 240_000);
