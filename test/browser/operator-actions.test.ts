import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, openPage, startBrowser } from './support/browser.ts';
import type { RunningUp } from './support/up.ts';
import { startUp } from './support/up.ts';
import { agentsOf } from './support/up-status.ts';

const WITHIN = { timeout: 60_000 };
const SOURCE = '10.9.9.9';

describe.runIf(CHROMIUM !== undefined)('an operator in the console', () => {
  let up: RunningUp;
  let browser: Browser;
  beforeAll(async () => {
    [up, browser] = await Promise.all([startUp('demo', '--plane', 'twin'), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await up?.close();
  });

  test('blocks an address with a reason, sees it, and lifts it', async () => {
    const { page, trouble } = await openPage(browser, up.file.api);
    await page.goto(await up.address());
    await page.getByText('Nobody is blocked.').waitFor();
    await page.getByRole('button', { name: 'Block an address …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Address' }).fill(SOURCE);
    expect(await dialog.getByRole('button', { name: 'block it' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Why' }).fill('abuse desk');
    await dialog.getByRole('button', { name: 'block it' }).click();
    const rows = page
      .getByRole('table', { name: 'Blocked addresses' })
      .getByRole('row')
      .filter({ hasText: SOURCE });
    await rows.first().waitFor();
    // Who has no mouse goes on from there, not from the beginning of the page.
    expect(await page.evaluate('document.activeElement?.id')).toBe('view-title');
    await page
      .getByText(/operator .* blocks 10\.9\.9\.9 for 300 s: abuse desk/)
      .first()
      .waitFor();
    await rows.first().getByRole('button').click();
    await page.getByRole('dialog').getByRole('button', { name: 'lift it' }).click();
    await page.getByText('Nobody is blocked.').waitFor();
    expect(trouble).toEqual([]);
  });

  test('revokes an agent with a reason, and its next incarnation comes in', async () => {
    const { page, trouble } = await openPage(browser, up.file.api);
    await page.goto(await up.address());
    await page.getByText('✓ All is well').waitFor();
    const [{ name, incarnation } = { name: '', incarnation: 0 }] = await agentsOf(up);
    await page.goto(`${up.file.api}/console/attestation/${name}`);
    await page.getByRole('button', { name: `Revoke ${name}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Why' }).fill('its host is suspect');
    await dialog.getByRole('button', { name: 'revoke it' }).click();
    await page
      .getByText(/was revoked for good: its host is suspect \(operator/)
      .first()
      .waitFor(WITHIN);
    await expect
      .poll(async () => (await agentsOf(up)).find((each) => each.name === name), WITHIN)
      .toMatchObject({ status: 'attested', keyed: true, incarnation: incarnation + 1 });
    expect(trouble).toEqual([]);
  });
});
