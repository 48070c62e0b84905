import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patchAndRestore } from '../genuine/patch-and-restore.ts';
import { anotherWindow, CHROMIUM, openPage, startBrowser } from './support/browser.ts';
import type { RunningUp } from './support/up.ts';
import { startUp } from './support/up.ts';
import { agentsOf } from './support/up-status.ts';

const isRoot = process.getuid?.() === 0;
/** Found, revoked, shut out and replaced in some seconds; a machine that is shared may take longer. */
const WITHIN = { timeout: 60_000 };

describe.runIf(CHROMIUM !== undefined && isRoot)('an agent that is tampered with', () => {
  let up: RunningUp;
  let browser: Browser;
  beforeAll(async () => {
    [up, browser] = await Promise.all([startUp('demo', '--plane', 'twin'), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await up?.close();
  });

  test('is seen being thrown out at every view that knows it, and its successor coming in', async () => {
    const { page: overview, trouble } = await openPage(browser, up.file.api);
    await overview.goto(await up.address());
    await overview.getByText('✓ All is well').waitFor();
    const limiter = (await agentsOf(up)).find(({ roles }) => roles.includes('rate-limiter'));
    if (limiter?.pid == null) throw new Error('nobody is the rate limiter');
    const { name, host, pid } = limiter;
    const at = async (path: string): Promise<Page> => {
      const page = await anotherWindow(overview);
      await page.goto(`${up.file.api}/console${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      return page;
    };
    const [map, agents, ring, keys] = await Promise.all([
      at(`/topology?host=${host}`),
      at('/agents'),
      at('/attestation'),
      at('/keys'),
    ]);
    const onMap = map
      .getByRole('table', { name: /hosts?$/ })
      .getByRole('row')
      .filter({ hasText: host });
    const inList = agents.getByRole('row').filter({ has: agents.getByRole('link', { name, exact: true }) });
    const holding = keys
      .getByRole('table', { name: 'Who holds which epoch' })
      .getByRole('row')
      .filter({ has: keys.getByRole('link', { name, exact: true }) });
    await Promise.all([
      onMap.getByText('✓ attested').waitFor(),
      inList.getByText('✓ attested, has the key').waitFor(),
      holding.getByText('✓ the newest').waitFor(),
      ring.getByText('No attestation has found anything wrong').waitFor(),
    ]);

    patchAndRestore(pid);
    const alarms = overview.getByRole('region', { name: 'Alarms' });
    await Promise.all([
      alarms.getByText(new RegExp(`${name} was thrown out .*text of`)).waitFor(WITHIN),
      alarms.getByRole('link', { name: `history of ${name}` }).waitFor(WITHIN),
      onMap.getByText(/▲ /).first().waitFor(WITHIN),
      inList.getByText(/▲ /).first().waitFor(WITHIN),
      holding
        .getByText(/left out|none|sealed/)
        .first()
        .waitFor(WITHIN),
      ring
        .getByText(/was revoked for good: .*text of/)
        .first()
        .waitFor(WITHIN),
    ]);

    await Promise.all([
      overview.getByText('✓ All is well').waitFor(WITHIN),
      onMap.getByText('✓ attested').waitFor(WITHIN),
      inList.getByText('✓ attested, has the key').waitFor(WITHIN),
      holding.getByText('✓ the newest').waitFor(WITHIN),
    ]);
    // Of the incarnation in its place; what became of the one before stays to be read.
    expect(Number(await holding.getByRole('cell').last().innerText())).toBeGreaterThan(1);
    const thrownOut = overview.locator('.card', { hasText: 'Thrown out' });
    await thrownOut
      .getByText(/text of .* written to/)
      .first()
      .waitFor();
    await thrownOut.getByRole('link', { name, exact: true }).click();
    await overview
      .getByRole('table', { name: `History of ${name}` })
      .getByText('✗ revoked')
      .waitFor();
    expect(trouble.filter((each) => !each.includes('401'))).toEqual([]);
  });
});
