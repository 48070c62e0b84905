import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, startBrowser } from '../../test/browser/support/browser.ts';
import { type Frames, framesDuring, scrub } from './frames.ts';
import { makeLargeRecording } from './large-recording.ts';

// What a browser measures of the console: its first load, a journal that grows quickly, a large recording.

const { values } = parseArgs({
  options: {
    loads: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '10' },
    steps: { type: 'string', default: '200' },
    only: { type: 'string', default: 'load,live,recording' },
  },
});
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const bin = here('../../bin/muster');
const dir = mkdtempSync(join(tmpdir(), 'muster-bench-console-'));
const env = { ...process.env, MUSTER_HOME: join(dir, '.muster') };
const SIZE = { sites: 200, agents: 2000, entries: 100_000 };
const PER_SECOND = 60;
const VIEWPORT = { width: 1400, height: 900 };

interface Row {
  readonly what: string;
  readonly measured: number;
  readonly target: number;
  readonly unit: string;
  readonly frames?: Frames;
}
const rows: Row[] = [];
const tell = (row: Row) => {
  rows.push(row);
  const { what, measured, target, unit, frames } = row;
  const more =
    frames === undefined ? '' : ` (p50 ${frames.p50}, most ${frames.most}, ${frames.count} frames)`;
  process.stdout.write(
    `${measured < target ? 'met ' : 'MISS'} ${what}: ${measured} ${unit}, target under ${target}${more}\n`,
  );
};

/** What serves says where on its first line. */
async function serving(
  command: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; address: string }> {
  const child = spawn(command, args, { cwd: dir, env, stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('it says nothing');
  child.once('exit', (code) => code !== 0 && code !== null && process.exit(1));
  const [address] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, address };
}

async function ended(child: ChildProcess, signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null) await once(child, 'exit');
}

/** Bytes as they came over the wire, headers too, and when the page could be used. */
async function firstLoad(page: Page, address: string): Promise<{ bytes: number; usableMs: number }> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  let bytes = 0;
  const ours = new Set<string>();
  devtools.on('Network.responseReceived', ({ requestId, response }) => {
    if (new URL(response.url).pathname.startsWith('/console/')) ours.add(requestId);
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (ours.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(address, { waitUntil: 'commit' });
  // Since the navigation began: there is a view with its menu, and the page has time for a frame and a click.
  const usableMs = await page.evaluate<number>(`new Promise((done) => {
    const look = () => {
      if (document.querySelector('nav a') !== null && document.querySelector('h1') !== null)
        setTimeout(() => done(performance.now()), 0);
      else requestAnimationFrame(look);
    };
    look();
  })`);
  await page.waitForLoadState('load');
  return { bytes, usableMs };
}

const median = (all: readonly number[]) => all.toSorted((a, b) => a - b)[all.length >> 1] ?? Number.NaN;

async function measureLoad(browser: Browser, run: string): Promise<void> {
  const all = [];
  for (let load = 0; load < Number(values.loads); load++) {
    const { child, address } = await serving(bin, ['console', '--run', run, '--port', '0']);
    const context = await browser.newContext({ viewport: VIEWPORT });
    all.push(await firstLoad(await context.newPage(), address));
    await context.close();
    await ended(child, 'SIGINT');
  }
  tell({
    what: 'first load, as transferred',
    measured: Math.round(median(all.map(({ bytes }) => bytes)) / 100) / 10,
    target: 250,
    unit: 'kB',
  });
  tell({
    what: 'first load, until it can be used (median)',
    measured: Math.round(median(all.map(({ usableMs }) => usableMs))),
    target: 1000,
    unit: 'ms',
  });
}

async function measureLive(browser: Browser, run: string): Promise<void> {
  const server = here('./live-server.ts');
  const { child, address } = await serving(process.execPath, [
    ...['--import', import.meta.resolve('tsx'), server, run, String(PER_SECOND), env.MUSTER_HOME],
  ]);
  const page = await (await browser.newContext({ viewport: VIEWPORT })).newPage();
  await page.goto(address);
  await page.getByText('● live').waitFor();
  for (const view of ['Overview', 'Journal', 'Auctions', 'Agents', 'Topology']) {
    await page.getByRole('link', { name: view, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: view }).waitFor();
    const frames = await framesDuring(page, () => page.waitForTimeout(Number(values.seconds) * 1000));
    tell({
      what: `${PER_SECOND} entries/s live, ${view}: p95 of the frame interval`,
      ...{ measured: frames.p95, target: 33, unit: 'ms', frames },
    });
  }
  await page.context().close();
  await ended(child, 'SIGTERM');
}

const SCRUBBED = ['/', '/journal', '/auctions', '/agents', '/agents/a9', '/topology', '/attestation'];

async function measureRecording(browser: Browser): Promise<void> {
  const { child, address } = await serving(bin, ['console', '--run', 'runs/large', '--port', '0']);
  const page = await (await browser.newContext({ viewport: VIEWPORT })).newPage();
  const { origin } = new URL(address);
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).waitFor();
  const opened: number[] = [];
  for (const view of ['/', '/journal']) {
    for (let load = 0; load < Number(values.loads); load++) {
      const beganMs = performance.now();
      await page.goto(`${origin}/console${view}?source=large`);
      await page.getByText('■ recorded').waitFor();
      await page.locator('#view table, #view .chart').first().waitFor();
      opened.push(performance.now() - beganMs);
    }
  }
  const size = `${SIZE.sites} sites, ${SIZE.agents} agents, ${SIZE.entries} entries`;
  tell({
    what: `a recording of ${size} is open (median)`,
    ...{ measured: Math.round(median(opened)), target: 2000, unit: 'ms' },
  });
  for (const view of SCRUBBED) {
    await page.goto(`${origin}/console${view}?source=large`);
    await page.getByText('■ recorded').waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const frames = await framesDuring(page, () => scrub(page, Number(values.steps)));
    tell({
      what: `its scrubbing at ${view}: p95 of the frame interval`,
      ...{ measured: frames.p95, target: 50, unit: 'ms', frames },
    });
  }
  await page.context().close();
  await ended(child, 'SIGINT');
}

if (CHROMIUM === undefined) throw new Error('there is no chromium here: apt-get install chromium');
const loadBefore = loadavg()[0];
const browser = await startBrowser();
try {
  await promisify(execFile)(bin, ['scenario', 'run', 'demo', '--plane', 'twin'], { cwd: dir, env });
  const run = join(dir, 'runs', 'demo-twin-1');
  makeLargeRecording(run, join(dir, 'runs', 'large'), SIZE);
  const parts = values.only.split(',');
  if (parts.includes('load')) await measureLoad(browser, run);
  if (parts.includes('live')) await measureLive(browser, run);
  if (parts.includes('recording')) await measureRecording(browser);
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    browser: browser.version(),
    loadBefore,
    loadAfter: loadavg()[0],
  };
  const results = here('../results');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, 'console.json'), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(machine)}\n`);
} finally {
  await browser.close();
  rmSync(dir, { recursive: true, force: true });
}
if (rows.some(({ measured, target }) => measured >= target)) process.exitCode = 2;
