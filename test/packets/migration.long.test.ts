import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { stampedPackages, stampedService } from '../../src/runtime/services/testing/stamped-service.ts';
import { functionsDirectory } from '../../src/runtime/up/functions-directory.ts';
import { musterHome } from './support/muster-home.ts';

// A function in the middle of a chain moves to another site while requests go through it, each proven to have been there.

const home = musterHome();
const stateDir = functionsDirectory(home.dir);
const program = new URL('./programs/steady-requests.mjs', import.meta.url).pathname;
/** Far from what the functions can carry on a small machine: what is lost shall not be due to that. */
const EVERY_MS = 20;

const up = () => home.must('up', '--sites', '4', '--plane', 'linux', '--rebirth', '0');

beforeAll(async () => {
  await up();
  await home.must('package', 'onboard', ...stampedPackages);
}, 120_000);
const asking: ChildProcess[] = [];
afterAll(async () => {
  for (const each of asking) each.kill('SIGKILL');
  await home.muster('down');
  home.forget();
}, 180_000);

const CountedSchema = z.object({
  asked: z.number(),
  answered: z.number(),
  lost: z.array(z.object({ atMs: z.number(), why: z.string() })),
});

/** Outermost process of a unit. */
function processOf(unit: string): number {
  const dir = join(stateDir, 'units');
  for (const file of readdirSync(dir).filter((each) => each.endsWith('.json'))) {
    const { order, process: its } = JSON.parse(readFileSync(join(dir, file), 'utf8'));
    if (order.id === unit) return its.pid;
  }
  throw new Error(`${unit} does not run`);
}

/** Asks the server from where a unit is, until it is told to end. */
async function requestsFrom(unit: string) {
  const where = `--net=/proc/${processOf(unit)}/ns/net`;
  const user = spawn('nsenter', [where, '--', process.execPath, program, '10.23.0.10', '80', `${EVERY_MS}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  asking.push(user);
  let text = '';
  user.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await expect.poll(() => text, { timeout: 5000 }).toContain('asking');
  return async () => {
    user.kill('SIGTERM');
    await once(user, 'close');
    return CountedSchema.parse(JSON.parse(text.slice(text.indexOf('\n') + 1)));
  };
}

const inWords = (lost: readonly { readonly why: string }[]) =>
  [...new Set(lost.map(({ why }) => why))].join(', ') || 'none';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Its first function runs two sites away from all others; it may run anywhere by now. */
async function farService(name: string) {
  const { file, probe } = stampedService(name, ['site1', 'site3', 'site1', 'site1', 'site1']);
  const members = Object.fromEntries(
    Object.entries(file.members).map(([member, { sites: _, ...wishes }]) => [member, wishes]),
  );
  for (const service of [file, { ...file, members }]) {
    const { operation } = await home.client().apply({ service });
    expect((await home.over(operation?.id)).state).toBe('COMPLETED');
  }
  const { id, shape } = await home.client().get(name);
  expect(shape.units.find(({ vnf }) => vnf === 'first')?.site).toBe('site3');
  return { id, probe };
}

test('requests go on through a function that moves, and what is lost is counted', async () => {
  const { id, probe } = await farService('kept');
  const probed = await home.over((await home.client().action('kept', probe)).id);
  expect(probed.outputs[0]?.output).toMatch(/^verified/);
  const planned = await home.must('service', 'improve', 'kept', '--dry-run');
  expect(planned.stdout).toMatch(/would be improved[\s\S]*first\/unit\/0 from site3-h\d to site1-h\d/);

  const stopped = await requestsFrom(`${id}/visitor/unit/0`);
  await pause(1000);
  const fromMs = Date.now();
  const moved = await home.must('service', 'improve', 'kept', '--wait');
  const tookMs = Date.now() - fromMs;
  await pause(1000);
  const { asked, answered, lost } = await stopped();
  const [operation] = await home.client().operations('kept');
  const steps = operation?.steps.map(
    ({ kind, startedAtMs, endedAtMs }) => `${kind} ${(endedAtMs ?? 0) - (startedAtMs ?? 0)}`,
  );
  process.stderr.write(
    `moved within ${tookMs} ms (${steps?.join(', ')}); of ${asked} requests ${lost.length} were lost: ${inWords(lost)}\n`,
  );
  expect(moved.stdout).toContain('COMPLETED');
  const { shape } = await home.client().get('kept');
  expect(shape.units.map(({ vnf, site }) => `${vnf} ${site}`)).toContain('first site1');
  expect(answered + lost.length).toBe(asked);
  expect(asked).toBeGreaterThan(100);
  // A proxy takes the connections that it has in hand with it; nobody else is disturbed.
  expect(lost.length).toBeLessThanOrEqual(3);

  const again = await home.must('service', 'improve', 'kept', '--dry-run');
  expect(again.stdout).toContain('stays where it is');
  const why = await home.must('why', 'kept');
  expect(why.stdout).toMatch(/none saves 10 %/);
  expect(why.stdout).toMatch(/migrate of kept/);
  const verified = await home.over((await home.client().action('kept', probe)).id);
  expect(verified.outputs[0]?.output).toMatch(/^verified/);
}, 120_000);

test('requests go on when the supervisor is killed in the middle, and the next one brings it to its end', async () => {
  const { id, probe } = await farService('crashed');
  const stopped = await requestsFrom(`${id}/visitor/unit/0`);
  const { operation } = await home.client().improve('crashed', {});
  const began = () => home.client().operation(operation?.id ?? '');
  await expect
    .poll(async () => (await began()).steps.find(({ state }) => state === 'doing')?.kind, {
      interval: 5,
      timeout: 10_000,
    })
    .toBe('start-units');
  const { pid } = home.up();
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 5000 }).toBe(false);
  await up();
  const done = await home.over(operation?.id, 60_000);
  expect(done.state, JSON.stringify(done.errors)).toBe('COMPLETED');
  await pause(1000);
  const { asked, answered, lost } = await stopped();
  process.stderr.write(
    `killed while it started the new unit: of ${asked} requests ${lost.length} were lost: ${inWords(lost)}\n`,
  );
  expect(answered + lost.length).toBe(asked);
  expect(lost.length).toBeLessThanOrEqual(3);
  const { shape } = await home.client().get('crashed');
  expect(shape.units.map(({ vnf, site, state }) => `${vnf} ${site} ${state}`)).toContain(
    'first site1 running',
  );
  const running = readdirSync(join(stateDir, 'units')).filter((each) => each.endsWith('.json'));
  const others = (await home.client().get('kept')).shape.units;
  expect(running).toHaveLength(shape.units.length + others.length);
  const verified = await home.over((await home.client().action('crashed', probe)).id);
  expect(verified.outputs[0]?.output).toMatch(/^verified/);
}, 180_000);
