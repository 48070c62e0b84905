import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sentenceOf } from '../../src/core/explain/sentence.ts';
import { JournalEntrySchema } from '../../src/protocol/journal.ts';
import { CHROMIUM, openPage, startBrowser } from './support/browser.ts';
import { cableTo } from './support/cable.ts';
import type { RunningUp } from './support/up.ts';
import { startUp } from './support/up.ts';

const WITHIN = { timeout: 60_000 };

describe.skipIf(CHROMIUM === undefined)('a console that is cut off', () => {
  let up: RunningUp;
  let browser: Browser;
  beforeAll(async () => {
    [up, browser] = await Promise.all([startUp('demo', '--plane', 'twin'), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await up?.close();
  });

  /** The journal as Muster has it. */
  const entries = async () => {
    const headers = { authorization: `Bearer ${up.file.token}` };
    const answer = await fetch(`${up.file.api}/v1/entries`, { headers });
    return z.array(JournalEntrySchema).parse(await answer.json());
  };

  /** That the page, which has been open all the time, has each entry of this kind once, in order. */
  const hasAll = async (page: Page, kind: 'ledger' | 'phase') => {
    const known = await entries();
    const wanted = known.filter((each) => each.kind === kind).map((each) => sentenceOf(each, null));
    expect(wanted.length).toBeGreaterThan(5);
    // As the journal stood when it was asked for; by links, so that the page stays what it is.
    await page.getByRole('link', { name: 'Journal' }).click();
    await page.getByLabel('kind').selectOption(kind);
    await page.evaluate(
      `history.replaceState(null, '', location.pathname + '?kind=${kind}&at=${known.length}')`,
    );
    const table = page.getByRole('table');
    await table.getByText(`${wanted.length} entries, the newest first`).waitFor(WITHIN);
    const shown: string[] = [];
    const on = page.getByRole('button', { name: 'on', exact: true });
    for (;;) {
      const rows = await table.locator('tbody tr').all();
      shown.push(...(await Promise.all(rows.map((row) => row.getByRole('cell').nth(2).innerText()))));
      if (!(await on.isVisible()) || (await on.isDisabled())) break;
      await on.click();
    }
    expect(shown.toReversed().map(bare)).toEqual(wanted.map(bare));
    await page.getByRole('button', { name: 'now', exact: true }).click();
    // It is written a moment later, and would overwrite what is asked for next.
    await page.waitForURL(({ searchParams }) => !searchParams.has('at'), WITHIN);
    await page.getByRole('link', { name: 'Overview' }).click();
  };

  test('says that it is stale, and goes on where it was once it is joined again', async () => {
    const cable = await cableTo(up.file.api);
    const { page, trouble } = await openPage(browser, cable.origin);
    const { pathname, hash } = new URL(await up.address());
    await page.goto(`${cable.origin}${pathname}${hash}`);
    await page.getByText('● live').waitFor();
    const before = (await entries()).length;
    cable.cut();
    await page.getByText('▲ stale').waitFor(WITHIN);
    await page.getByRole('alert').getByText('Muster does not answer').waitFor(WITHIN);
    expect(await page.getByText('✓ All is well').count()).toBe(0);
    await expect.poll(async () => (await entries()).length, WITHIN).toBeGreaterThan(before + 5);
    cable.join();
    await page.getByText('● live').waitFor(WITHIN);
    await page.getByText('✓ All is well').waitFor(WITHIN);
    await hasAll(page, 'ledger');
    expect(trouble.filter((each) => !/401|net::ERR/.test(each))).toEqual([]);
    await page.context().close();
    await cable.close();
  });

  test('by a restart is stale, then live again, still let in, with what is there now: nothing lost, nothing twice', async () => {
    const { page, trouble } = await openPage(browser, up.file.api);
    await page.goto(await up.address());
    await page.getByText('● live').waitFor();
    const restarted = up.restart();
    await page.getByText('▲ stale').waitFor(WITHIN);
    await page.getByRole('alert').getByText('Muster does not answer').waitFor(WITHIN);
    await restarted;
    await page.getByText('● live').waitFor(WITHIN);
    await page.getByText('✓ All is well').waitFor(WITHIN);
    await hasAll(page, 'phase');
    await hasAll(page, 'ledger');
    expect(trouble.filter((each) => !/401|409|503|net::ERR/.test(each))).toEqual([]);
    await page.context().close();
  });
});

/** As a table shows it: runs of white space are one. */
function bare(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
