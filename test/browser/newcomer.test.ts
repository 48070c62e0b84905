import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, openPage, startBrowser } from './support/browser.ts';
import type { RunningUp } from './support/up.ts';
import { startUp } from './support/up.ts';

/** A person reads a page and finds what to click in about so long. */
const READING_MS = 8000;
const MINUTE_MS = 60_000;

describe.skipIf(CHROMIUM === undefined)('a newcomer who is told that an address was blocked', () => {
  let up: RunningUp;
  let browser: Browser;
  beforeAll(async () => {
    [up, browser] = await Promise.all([startUp('demo', '--plane', 'twin'), startBrowser()]);
    await up.muster('scenario', 'run', 'demo', '--plane', 'twin');
  });
  afterAll(async () => {
    await browser?.close();
    await up?.close();
  });

  test('finds out why, and which bid won, within a minute and from the console alone', async () => {
    const { page, trouble } = await openPage(browser, up.file.api);
    const beganMs = performance.now();
    let clicks = 0;
    await page.goto(await up.address());
    await page.getByLabel('What you look at').selectOption('demo-twin-1');
    clicks++;
    await page.getByText('■ recorded').waitFor();
    await page.getByLabel('Look for an address').fill('10.1.0.144');
    await page.keyboard.press('Enter');
    clicks++;
    const first = page.getByRole('table').first().getByRole('row').nth(1);
    await first.getByText(/blocked source 10\.1\.0\.144/).waitFor();
    await first.getByRole('link', { name: 'why?' }).click();
    clicks++;
    await page.getByRole('heading', { level: 1, name: 'Why' }).waitFor();
    const why = await page.locator('.why').innerText();
    expect(why).toMatch(/10\.1\.0\.144 .*SYN\/s, .*half-open/);
    expect(why).toMatch(/measured sources/);
    const behind = page.locator('.card', { hasText: /The auctions? behind it/ });
    expect(await behind.innerText()).toMatch(
      /blocksCarriedOut.*: a4 won with a bid of 0\.\d+ .*next 0\.\d+ of a\d/,
    );
    await behind.getByRole('link', { name: 'the bids' }).first().click();
    clicks++;
    await page.getByRole('cell', { name: '✓ won' }).waitFor();
    const tookMs = performance.now() - beganMs + clicks * READING_MS;
    process.stderr.write(
      `why an address was blocked and which bid won: ${clicks} clicks, ${((tookMs - clicks * READING_MS) / 1000).toFixed(1)} s without reading\n`,
    );
    expect(tookMs).toBeLessThan(MINUTE_MS);
    expect(trouble.filter((each) => !each.includes('401'))).toEqual([]);
  });
});
