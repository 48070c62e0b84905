import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, openPage, startBrowser } from './support/browser.ts';
import type { RunningUp } from './support/up.ts';
import { startUp } from './support/up.ts';

const WITHIN = { timeout: 15_000 };

describe.skipIf(CHROMIUM === undefined)('a session of the console', () => {
  let up: RunningUp;
  let browser: Browser;
  beforeAll(async () => {
    [up, browser] = await Promise.all([startUp('--plane', 'twin', '--sites', '2'), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await up?.close();
  });

  const token = async (name: string): Promise<string> => {
    const [, secret = ''] =
      /(muster_\S+)/.exec(await up.muster('token', 'create', name, '--role', 'viewer')) ?? [];
    return secret;
  };
  const comeIn = async (page: Page, secret: string) => {
    await page.getByLabel('Token').fill(secret);
    await page.getByRole('button', { name: 'come in' }).click();
  };

  test('that was opened with the printed address is left for the door, and nothing is heard any more', async () => {
    const { page } = await openPage(browser, up.file.api);
    await page.goto(await up.address());
    await page.getByText('● live').waitFor();
    const streamEnds = page.waitForEvent('requestfailed', {
      predicate: (request) => request.url().includes('/v1/journal'),
      ...WITHIN,
    });
    await page.getByRole('button', { name: 'leave' }).click();
    await page.getByLabel('Token').waitFor(WITHIN);
    await streamEnds;
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.reload();
    await page.getByLabel('Token').waitFor(WITHIN);
    await comeIn(page, await token('after'));
    await page.getByText('after (viewer)').waitFor();
    await page.getByText('● live').waitFor(WITHIN);
    await page.context().close();
  });

  test('whose token is revoked ends at the door, which says why', async () => {
    const { page } = await openPage(browser, up.file.api);
    await page.goto(`${up.file.api}/console/journal`);
    await comeIn(page, await token('eve'));
    // A view that asks for nothing but the journal, so that the stream has to tell.
    await page.getByText('● live').waitFor();
    await up.muster('token', 'revoke', 'eve', '--yes');
    await page.getByLabel('Token').waitFor(WITHIN);
    const said = await page.getByRole('alert').innerText();
    expect(said).toMatch(/Your session has ended: .*revoked/);
    expect(await page.locator('body').innerText()).not.toContain('Bearer');
    await page.context().close();
  });
});
