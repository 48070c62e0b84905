import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { largeScenario } from '../../bench/console/large-recording.ts';
import type { Watched } from './support/browser.ts';
import { CHROMIUM, openPage, seriousViolations, startBrowser } from './support/browser.ts';
import type { RunningUp } from './support/up.ts';
import { startUp } from './support/up.ts';

const catalogue = (name: string) => fileURLToPath(new URL(`../../catalogue/${name}`, import.meta.url));
const VIDEO = ['client', 'link-monitor', 'anomaly-detector', 'classifier', 'video-streamer'];

describe.skipIf(CHROMIUM === undefined)('the network in the console', () => {
  let up: RunningUp;
  let browser: Browser;
  let watched: Watched;
  const go = async (path: string) => {
    await watched.page.goto(`${up.file.api}/console${path}`);
    await watched.page.getByRole('heading', { level: 1 }).waitFor();
  };
  beforeAll(async () => {
    [up, browser] = await Promise.all([startUp('demo', '--plane', 'twin', '--sites', '2'), startBrowser()]);
    watched = await openPage(browser, up.file.api);
    await up.muster(
      'service',
      'apply',
      catalogue('watched-video_ns'),
      ...VIDEO.map((name) => catalogue(`${name}_vnf`)),
      '--wait',
    );
    await watched.page.goto(await up.address());
    await watched.page.getByText('● live').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await up?.close();
  });

  test('the map has every site; what users send is measured on the guarded link, and of others it says what is not', async () => {
    const { page } = watched;
    await go('/topology');
    await page.getByLabel('Map of the network').getByRole('link', { name: 'site1', exact: true }).waitFor();
    const links = page.getByRole('table', { name: /links$/ });
    await links.getByRole('button', { name: 'rate' }).click();
    await links.getByRole('button', { name: 'rate' }).click();
    const measured = links.getByRole('row').nth(1);
    await expect.poll(() => measured.innerText(), { timeout: 20_000 }).toMatch(/[1-9]\d* k?B\/s/);
    expect(await links.getByText('not measured').count()).toBeGreaterThan(0);
  });

  test('the flow of a service is led through its units on the map and in words, and stands in the address', async () => {
    const { page } = watched;
    await go('/topology');
    await page.getByLabel('flows of').selectOption('watched-video');
    const hops = page.getByRole('listitem').filter({ hasText: /unit\/0 on site\d-h\d/ });
    await expect.poll(() => hops.allInnerTexts()).toHaveLength(4);
    expect(new URL(page.url()).searchParams.get('service')).toBe('watched-video');
  });

  test('from a site to its host to the agent that looks after it', async () => {
    const { page } = watched;
    await go('/topology');
    await page
      .getByRole('table', { name: /sites$/ })
      .getByRole('link', { name: 'core' })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: 'Site core' }).waitFor();
    await page
      .getByRole('table', { name: /hosts?$/ })
      .getByRole('link', { name: 's4-cpu8mem8' })
      .click();
    await page.getByRole('heading', { level: 1, name: 'Host s4-cpu8mem8' }).waitFor();
    const map = page.getByLabel('Map of the network');
    // Near enough for what runs there.
    const host = map.locator('.map-host', { hasText: 's4-cpu8mem8' });
    await host.getByText('✓ attested').waitFor();
    await host.getByRole('link', { name: /^a\d$/ }).click();
    await page.getByRole('heading', { level: 1, name: /^Agent a\d$/ }).waitFor();
  });

  test('why a unit is where it is leads to its bids; and how far all are from the optimum is found', async () => {
    const { page } = watched;
    await go('/placement');
    const units = page.getByRole('table', { name: /functions and where they run$/ });
    const row = units.getByRole('row').filter({ hasText: 'detector/unit/0' });
    await row.getByRole('link', { name: 'bids' }).waitFor();
    await page.getByRole('button', { name: 'look for the optimum' }).click();
    await page.getByText(/proved\)\.$/).waitFor({ timeout: 60_000 });
    await row.getByRole('link', { name: 'bids' }).click();
    await page.getByRole('heading', { level: 1, name: /unitHosted.*detector/ }).waitFor();
    expect(await page.getByRole('cell', { name: '✓ won' }).count()).toBe(1);
  });

  test('both can be used without sight or mouse, and on a small screen', async () => {
    const { page, trouble } = watched;
    for (const path of ['/topology', '/topology?site=site1', '/placement']) {
      await go(path);
      await page.getByRole('table').first().waitFor();
      expect([path, await seriousViolations(page)]).toEqual([path, []]);
      await page.setViewportSize({ width: 360, height: 740 });
      const sideways = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect([path, sideways]).toEqual([path, 0]);
      await page.setViewportSize({ width: 1280, height: 860 });
    }
    expect(trouble.filter((each) => !each.includes('401'))).toEqual([]);
  });

  test('of 200 sites with 2 000 agents no more is drawn than can be read', async () => {
    const { page } = watched;
    await up.muster('scenario', 'run', 'demo', '--plane', 'twin');
    recordLarge(up.dir);
    await go('/topology?source=large');
    await page.locator('.react-flow__node').first().waitFor();
    await expect.poll(() => page.locator('.react-flow__node').count()).toBeGreaterThan(150);
    const drawn = await zoomIn(page);
    expect(Math.max(...drawn)).toBeLessThan(420);
  });
});

/** Turns the wheel over the middle of the map; answers how many boxes there were after each turn. */
async function zoomIn(page: Page): Promise<readonly number[]> {
  const box = await page.getByLabel('Map of the network').boundingBox();
  if (box === null) throw new Error('there is no map');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const drawn: number[] = [];
  for (let turn = 0; turn < 25; turn++) {
    await page.mouse.wheel(0, -150);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    drawn.push(await page.locator('.react-flow__node').count());
  }
  return drawn;
}

/** A recording of as many sites and agents as a scenario may have. */
function recordLarge(dir: string): void {
  const entry = {
    id: 'muster:1',
    tMs: 0,
    agent: 'muster',
    because: [],
    reason: '',
    kind: 'phase',
    phase: 'it runs',
  };
  const run = join(dir, 'runs', 'large');
  // With the report of another: the map does not look at it.
  cpSync(join(dir, 'runs', 'demo-twin-1'), run, { recursive: true });
  writeFileSync(join(run, 'scenario.json'), JSON.stringify(largeScenario(200, 2000)));
  writeFileSync(join(run, 'journal.jsonl'), `${JSON.stringify(entry)}\n`);
}
