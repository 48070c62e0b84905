import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, openPage, seriousViolations, startBrowser } from './support/browser.ts';
import type { RunningUp } from './support/up.ts';
import { startUp } from './support/up.ts';

describe.skipIf(CHROMIUM === undefined)('the guided tour', () => {
  let up: RunningUp;
  let browser: Browser;
  beforeAll(async () => {
    [up, browser] = await Promise.all([startUp('--plane', 'twin', '--sites', '2'), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await up?.close();
  });

  test('goes from the first packet of the attack to its end, each step at the view where it happens', async () => {
    const { page, trouble } = await openPage(browser, up.file.api);
    await page.goto(await up.address());
    await page.getByRole('link', { name: 'Scenarios', exact: true }).click();
    await page.getByRole('button', { name: 'start the tour' }).click();
    const tour = page.getByRole('complementary', { name: 'Guided tour' });
    const headings: string[] = [];
    const lit: (string | null)[] = [];
    for (let step = 1; ; step++) {
      await tour.getByText(`Step ${step} of 9, at`).waitFor({ timeout: 60_000 });
      const show = tour.getByRole('button', { name: 'show it' });
      if (await show.isVisible()) await show.click();
      await page.waitForURL(/[?&]at=\d+/);
      headings.push(await page.getByRole('heading', { level: 1 }).innerText());
      const part = await page.locator('html').getAttribute('data-lit');
      lit.push(part);
      const outline = `getComputedStyle(document.querySelector('[data-tour="${part}"]') ?? document.body).outlineStyle`;
      await expect.poll(() => page.evaluate(outline)).toBe('solid');
      if (step === 5) expect(await seriousViolations(page)).toEqual([]);
      if (step === 9) break;
      await tour.getByRole('button', { name: 'next' }).click();
    }
    expect(headings.map((each) => each.replace(/[ (].*/, ''))).toEqual([
      'Run',
      'Agent',
      'linkRateLimited',
      'Why',
      'Agent',
      'Why',
      'sourcesBlocked',
      'Why',
      'Run',
    ]);
    expect(lit).toEqual(['traffic', 'goals', 'bids', 'why', 'beliefs', 'why', 'bids', 'why', 'traffic']);
    await tour.getByRole('button', { name: 'end the tour' }).click();
    await tour.waitFor({ state: 'detached' });
    expect(await page.locator('html').getAttribute('data-lit')).toBeNull();
    expect(trouble.filter((each) => !each.includes('401'))).toEqual([]);
  });
});
