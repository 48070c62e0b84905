import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, openPage, startBrowser } from './support/browser.ts';

const bin = fileURLToPath(new URL('../../bin/muster', import.meta.url));

describe.skipIf(CHROMIUM === undefined)('the console of a recorded run, with nothing up', () => {
  const dir = mkdtempSync(join(tmpdir(), 'muster-recording-'));
  const options = { cwd: dir, env: { ...process.env, MUSTER_HOME: join(dir, '.muster') } };
  let browser: Browser;
  let serving: ChildProcess;
  let address = '';
  beforeAll(async () => {
    await promisify(execFile)(bin, ['scenario', 'run', 'demo', '--plane', 'twin'], options);
    serving = spawn(bin, ['console', '--run', 'runs/demo-twin-1', '--port', '0'], {
      ...options,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (serving.stdout === null) throw new Error('it says nothing');
    [[address], browser] = await Promise.all([
      once(createInterface({ input: serving.stdout }), 'line') as Promise<[string]>,
      startBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    serving?.kill('SIGINT');
    if (serving?.exitCode === null) await once(serving, 'exit');
    rmSync(dir, { recursive: true, force: true });
  });

  test('shows all of it, and says where nothing is to be seen or done', async () => {
    const { origin } = new URL(address);
    const { page, trouble } = await openPage(browser, origin);
    await page.goto(address);
    await page.getByRole('heading', { level: 1, name: 'Run demo-twin-1' }).waitFor();
    await page.getByText('■ recorded').waitFor();
    expect(new URL(page.url()).hash).toBe('');
    for (const name of ['Topology', 'Auctions', 'Agents', 'Journal']) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.getByRole('table').first().getByRole('row').nth(1).waitFor();
    }
    await page.getByRole('link', { name: 'Scenarios', exact: true }).click();
    await page.getByRole('button', { name: 'run demo', exact: true }).click();
    await page.getByText('nothing can be changed in it').waitFor();
    await page.getByLabel('What you look at').selectOption('up');
    await page.getByText('nothing is up here').first().waitFor();
    expect(trouble.filter((each) => !/401|503/.test(each))).toEqual([]);
  });

  test('nobody gets data without a session, and no session gets at anything else', async () => {
    const { origin } = new URL(address);
    const { page } = await openPage(browser, origin);
    await page.goto(`${origin}/console/?source=demo-twin-1`);
    await page.getByLabel('Token').waitFor();
    const statusOf = async (path: string) => (await fetch(`${origin}${path}`)).status;
    for (const path of ['/v1/runs', '/v1/runs/demo-twin-1', '/v1/runs/demo-twin-1/journal', '/v1/status'])
      expect([path, await statusOf(path)]).toEqual([path, 401]);
  });
});
