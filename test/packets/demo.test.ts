import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sweepLeftovers } from '../../src/adapters/plane-linux/namespaces.ts';
import { openRun } from '../../src/runtime/open-run.ts';
import { againIfLate, expectAllMet, type Run } from './support/expect-all-met.ts';
import { muster, runScenarioAlone } from './support/run-muster.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-linux-'));

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const namespacesOf = (pid: number | undefined) =>
  existsSync('/run/netns')
    ? readdirSync('/run/netns').filter((name) => name.startsWith(`muster-${pid}-`))
    : [];

/** Flooding processes that run in any of these namespaces: others' on the same machine are not ours to judge. */
function floodsIn(namespaces: readonly string[]): readonly string[] {
  return pidsOfHping()
    .split('\n')
    .map((line) => line.trim())
    .filter((pid) => pid !== '' && namespaces.includes(namespaceOf(pid)));
}

function pidsOfHping(): string {
  try {
    return execFileSync('ps', ['-C', 'hping3', '-o', 'pid='], { encoding: 'utf8' });
  } catch {
    // ps ends with 1 when there is none.
    return '';
  }
}

function namespaceOf(pid: string): string {
  try {
    return execFileSync('ip', ['netns', 'identify', pid], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    // It has just ended.
    return '';
  }
}

/** Of two runs. */
const timeout = 300_000;

test('the demo on real packets meets its expectations, replays equally, and leaves nothing behind', {
  timeout,
}, async (context) => {
  expectAllMet(await againIfLate(() => runDemo(context.signal)), context);
});

async function runDemo(signal: AbortSignal): Promise<Run> {
  rmSync(dir, { recursive: true, force: true });
  const args = ['demo', '--plane', 'linux', '--out', dir, '--debug'];
  const { pid, code } = await runScenarioAlone(args, signal);
  const run = await openRun(dir);
  expect(run.report.plane).toBe('linux');
  expect((await run.replay()).equal).toBe(true);
  expect(namespacesOf(pid)).toEqual([]);
  return { report: run.report, code };
}

test('after kill -9 no process goes on, and the next start removes the namespaces', async () => {
  const child = spawn(muster, ['scenario', 'run', 'demo', '--plane', 'linux', '--out', join(dir, 'killed')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // By then the network, the server, the clients and the floods are there.
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (text: Buffer) => {
      if (text.toString().includes('attack flood begins')) resolve();
    });
  });
  const left = namespacesOf(child.pid);
  expect(left.length).toBeGreaterThan(10);
  await expect.poll(() => floodsIn(left).length).toBe(10);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect.poll(() => floodsIn(left)).toEqual([]);
  expect(await sweepLeftovers()).toEqual(expect.arrayContaining(left));
  expect(namespacesOf(child.pid)).toEqual([]);
});

test.each([
  ['ctrl-C', 'SIGINT', false],
  ['closing the terminal', 'SIGHUP', true],
] as const)('%s ends the run with 130 and leaves nothing behind', async (_, signal, deaf) => {
  const child = spawn(
    muster,
    ['scenario', 'run', 'demo', '--plane', 'linux', '--out', join(dir, 'stopped')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (text: Buffer) => {
      if (text.toString().includes('warm up')) resolve();
    });
  });
  if (deaf) child.stderr.destroy();
  child.kill(signal);
  const [code] = await once(child, 'exit');
  expect(code).toBe(130);
  expect(namespacesOf(child.pid)).toEqual([]);
});
