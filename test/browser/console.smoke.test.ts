import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Watched } from './support/browser.ts';
import { CHROMIUM, openPage, seriousViolations, startBrowser } from './support/browser.ts';
import type { RunningUp } from './support/up.ts';
import { startUp } from './support/up.ts';

describe.skipIf(CHROMIUM === undefined)('the console of what is up', () => {
  let up: RunningUp;
  let browser: Browser;
  let watched: Watched;
  beforeAll(async () => {
    [up, browser] = await Promise.all([startUp('--plane', 'twin', '--sites', '2'), startBrowser()]);
    watched = await openPage(browser, up.file.api);
  });
  afterAll(async () => {
    await browser?.close();
    await up?.close();
  });

  test('opens once with its address, and says that all is well', async () => {
    const { page } = watched;
    const address = await up.address();
    await page.goto(address);
    await page.getByText('✓ All is well').waitFor();
    expect(new URL(page.url()).hash).toBe('');
    await page.getByText('● live').waitFor();
    // Where services can run, by name; and what is not told as of then says so.
    await page.getByRole('link', { name: 'site2', exact: true }).waitFor();
    const ofNow = page.getByText('This is as it is now, not as it was at the time you look at.');
    expect(await ofNow.count()).toBe(0);
    await page.getByRole('button', { name: 'One entry back' }).click();
    await expect.poll(() => ofNow.count()).toBe(4);
    await page.getByRole('button', { name: 'now', exact: true }).click();
    await ofNow.first().waitFor({ state: 'detached' });
    const other = await openPage(browser, up.file.api);
    await other.page.goto(address);
    await other.page.getByText('that code has been used').waitFor();
    await other.page.context().close();
  });

  test('an attack is run from it, and within a few clicks one knows why an address was blocked, and which bid won', async () => {
    const { page } = watched;
    await page.getByRole('link', { name: 'Scenarios', exact: true }).click();
    await page.getByRole('button', { name: 'run demo', exact: true }).click();
    await page.getByText('9 of 9 as expected').waitFor({ timeout: 60_000 });
    await page.getByRole('heading', { name: 'Attack timeline' }).waitFor();
    await page.getByRole('link', { name: 'Journal' }).click();
    await page.getByLabel('look for', { exact: true }).fill('block-source');
    const first = page.getByRole('table').first().getByRole('row').nth(1);
    await first.getByText(/blocked source 10\./).waitFor();
    await first.getByRole('link', { name: 'why?' }).click();
    await page.getByRole('heading', { level: 1, name: 'Why' }).waitFor();
    expect(await page.locator('.why').innerText()).toMatch(/measured|SYN/i);
    await page.getByRole('link', { name: 'the auction' }).first().click();
    await page.getByRole('heading', { name: 'Bids, the cheapest first' }).waitFor();
    expect(await page.getByRole('cell', { name: '✓ won' }).count()).toBe(1);
  });

  test('no view has a serious violation for those who cannot see it, or use a mouse', async () => {
    const { page } = watched;
    for (const name of await page
      .getByRole('navigation', { name: 'Views' })
      .getByRole('link')
      .allInnerTexts()) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect([name, await seriousViolations(page)]).toEqual([name, []]);
    }
  });

  test('nothing goes sideways on a small screen, and nothing went wrong in the page', async () => {
    const { page, trouble } = watched;
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of [
      '/console/',
      '/console/auctions',
      '/console/agents',
      '/console/journal',
      '/console/scenarios',
    ]) {
      await page.goto(`${up.file.api}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const sideways = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect([path, sideways]).toEqual([path, 0]);
    }
    expect(trouble.filter((each) => !each.includes('401'))).toEqual([]);
  });

  test('without a session there is a door, and no data', async () => {
    const { page } = await openPage(browser, up.file.api);
    await page.goto(`${up.file.api}/console/auctions`);
    await page.getByLabel('Token').waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    await page.getByLabel('Token').fill('muster_wrong');
    await page.getByRole('button', { name: 'come in' }).click();
    await page.getByRole('alert').waitFor();
    const [, secret = ''] =
      /(muster_\S+)/.exec(await up.muster('token', 'create', 'eve', '--role', 'viewer')) ?? [];
    await page.getByLabel('Token').fill(secret);
    await page.getByRole('button', { name: 'come in' }).click();
    await page.getByText('eve (viewer)').waitFor();
    await page.getByRole('link', { name: 'Scenarios', exact: true }).click();
    expect(await page.getByRole('button', { name: 'run demo', exact: true }).isDisabled()).toBe(true);
    await page.context().close();
  });
});
