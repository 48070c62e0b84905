import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport } from '../build-report.ts';
import { type AttackRecordingOptions, attackRecording } from '../testing/attack-recording.ts';
import { renderHtml } from './render-html.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe.skipIf(CHROMIUM === undefined)('the report in a browser', () => {
  let browser: Browser;
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-report-'));
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the report of a made-up run; answers the page and all that went wrong or was asked for while it lived. */
  async function open(
    options: AttackRecordingOptions,
    width: number,
  ): Promise<{ page: Page; trouble: string[] }> {
    const recording = attackRecording(options);
    const file = join(folder, 'report.html');
    await writeFile(file, renderHtml(recording, buildReport(recording)));
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const trouble: string[] = [];
    page.on('pageerror', (error) => trouble.push(error.message));
    page.on('console', (message) => message.type() === 'error' && trouble.push(message.text()));
    page.on('dialog', (dialog) => trouble.push(`dialog ${dialog.message()}`));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) trouble.push(`request ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    return { page, trouble };
  }

  it('asks for nothing, runs no foreign script and never scrolls sideways', async () => {
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>';
    for (const width of [360, 768, 1280]) {
      const { page, trouble } = await open({ title: evil, limiter: evil }, width);
      expect(await page.title()).toContain('<script>alert(1)');
      const sideways = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(sideways).toBeLessThanOrEqual(0);
      expect(trouble).toEqual([]);
      await page.close();
    }
  });

  it('tells the whole chain of a block when its mark is chosen by keyboard, and closes again', async () => {
    const { page, trouble } = await open({}, 1280);
    await page.locator('table.list tr[data-kind="block-source"] button').last().focus();
    await page.keyboard.press('Enter');
    const told = page.locator('#why');
    await told.waitFor({ state: 'visible' });
    const kinds = await told.locator('.entry .kind').allTextContents();
    for (const kind of ['action', 'award', 'auction', 'bid', 'belief', 'measurement'])
      expect(kinds).toContain(kind);
    expect(await told.innerText()).toContain('a6 lost at 0.442 (limiting 0.09 + utility 0.352)');
    expect(page.url()).toContain('#why=');
    await page.keyboard.press('Escape');
    await told.waitFor({ state: 'hidden' });
    // The address follows with the dialog's close event, a task later.
    await page.waitForURL((url) => url.hash === '');
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('opens at the reasons that its address names', async () => {
    const { page } = await open({}, 1280);
    const ids = await page.locator('table.list button[data-why]').first().getAttribute('data-why');
    const [id = ''] = JSON.parse(ids ?? '[]') as string[];
    await page.evaluate(`location.hash = ${JSON.stringify(`why=${encodeURIComponent(id)}`)}`);
    await page.locator('#why').waitFor({ state: 'visible' });
    expect(await page.locator('#why').innerText()).toContain(id);
    await page.close();
  });

  it('reads the values at a moment by pointer and by keyboard', async () => {
    const { page } = await open({}, 1280);
    const chart = page.locator('[data-chart]').first();
    await chart.locator('.plot').first().hover();
    expect(await chart.locator('output[data-line="attack-offered"]').textContent()).toMatch(/^8\d\d KB\/s$/);
    expect(await chart.locator('output.at').textContent()).toMatch(/^(59|60)\.\d\d s$/);
    await chart.locator('input[type=range]').focus();
    await page.keyboard.press('Home');
    expect(await chart.locator('input[type=range]').getAttribute('aria-valuetext')).toMatch(
      /^0\.1\d s: legitimate .*KB\/s, total .*attack, offered 0 B\/s.*goodput/,
    );
    await page.close();
  });

  it('filters the actions by kind and by words', async () => {
    const { page } = await open({}, 360);
    const section = page.locator('[data-filter]');
    await section.getByRole('checkbox', { name: 'block source' }).uncheck();
    expect(await section.locator('output').textContent()).toBe('4 of 14 actions');
    await section.getByRole('checkbox', { name: 'block source' }).check();
    await section.getByRole('searchbox').fill('10.1.0.25 score');
    expect(await section.locator('output').textContent()).toBe('1 of 14 actions');
    expect(await section.locator('tbody tr:visible').count()).toBe(1);
    await page.close();
  });
});
