import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/protocol/journal.ts';
import { anotherWindow, CHROMIUM, openPage, seriousViolations, startBrowser } from './support/browser.ts';
import { smallPng } from './support/small-png.ts';
import type { Spots, StageView } from './support/stage.ts';
import { startStage, viewsOf } from './support/stage.ts';
import type { RunningUp } from './support/up.ts';

/** `PICTURES=1`: those of the documentation are made anew. */
const kept = process.env['PICTURES'] === '1';
const WIDE = { width: 1400, height: 900 };
const NARROW = { width: 360, height: 740 };
/** Pictures of these are kept of a small screen too. */
const ALSO_NARROW = new Set(['overview', 'attack-timeline', 'topology', 'service', 'auction', 'mind', 'why']);
const MOST_BYTES = 150_000;

describe.skipIf(CHROMIUM === undefined)('every view', () => {
  const pictures = kept
    ? fileURLToPath(new URL('../../docs/pictures/console/', import.meta.url))
    : mkdtempSync(join(tmpdir(), 'muster-pictures-'));
  let up: RunningUp;
  let browser: Browser;
  let page: Page;
  let trouble: readonly string[];
  let views: readonly StageView[];
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    [up, browser] = await Promise.all([startStage(), startBrowser()]);
    ({ page, trouble } = await openPage(browser, up.file.api, WIDE));
    await page.goto(await up.address());
    await page.getByText('● live').waitFor();
    views = viewsOf(recorded(up.dir));
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await up?.close();
    if (!kept) rmSync(pictures, { recursive: true, force: true });
  });

  const go = async ({ path, ready }: StageView, to = page) => {
    await to.goto(`${up.file.api}/console${path}`);
    await to.getByRole('heading', { level: 1 }).waitFor();
    await ready(to);
    await to.getByText(/^(● live|■ recorded)$/).waitFor();
    // What was laid out is drawn, and what glides has arrived.
    await to.evaluate('Promise.all(document.getAnimations().map((each) => each.finished))');
    await to.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  };
  const keep = async (name: string, of = page) => {
    const png = smallPng(await of.screenshot());
    expect([name, png.length < MOST_BYTES]).toEqual([name, true]);
    writeFileSync(join(pictures, `${name}.png`), png);
  };

  for (const theme of ['light', 'dark'] as const) {
    test(`has nothing serious against it for those who cannot see it or use a mouse, and a picture: ${theme}`, async () => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize(WIDE);
      const found: [string, readonly string[]][] = [];
      for (const view of views) {
        await go(view);
        await keep(`${view.name}-${theme}`);
        found.push([view.name, await seriousViolations(page)]);
      }
      expect(found.filter(([, violations]) => violations.length > 0)).toEqual([]);
    }, 300_000);
  }

  test('fits a small screen: tables scroll in themselves, the page does not', async () => {
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.setViewportSize(NARROW);
    const found: [string, unknown][] = [];
    for (const view of views) {
      await go(view);
      if (ALSO_NARROW.has(view.name)) await keep(`${view.name}-360`);
      found.push([view.name, await page.evaluate(BEYOND)]);
    }
    expect(found.filter(([, beyond]) => beyond !== 0)).toEqual([]);
  }, 300_000);

  test('nothing went wrong in the page', () => {
    expect(trouble.filter((each) => !each.includes('401'))).toEqual([]);
  });

  test.runIf(kept)('all pictures of it are there, and are not too much to fetch', () => {
    const names = views.flatMap(({ name }) => [`${name}-light`, `${name}-dark`]);
    const missing = names.filter((name) => !existsSync(join(pictures, `${name}.png`)));
    expect(missing).toEqual([]);
  });

  test('the door, for who has no session', async () => {
    const stranger = (await openPage(browser, up.file.api, WIDE)).page;
    await stranger.goto(`${up.file.api}/console/`);
    await stranger.getByLabel('Token').waitFor();
    expect(await seriousViolations(stranger)).toEqual([]);
    await keep('door-light', stranger);
    await stranger.context().close();
  });

  test('is reached, and each of its actions, by keyboard alone', async () => {
    const typist = await anotherWindow(page);
    await typist.setViewportSize(WIDE);
    const found: [string, unknown][] = [];
    for (const view of views) {
      await go(view, typist);
      const missed = await missedByTab(typist);
      if (missed.length > 0) found.push([view.name, missed]);
    }
    expect(found).toEqual([]);
    await typist.context().close();
  }, 300_000);
});

/** How far the page, or the view in it, goes beyond the edge. */
const BEYOND = `(() => {
  const view = document.getElementById('view');
  const page = document.documentElement;
  return Math.max(page.scrollWidth - innerWidth, page.scrollHeight - innerHeight, view.scrollWidth - view.clientWidth);
})()`;

/** What can be clicked, but for what is switched off: each is given a number. */
const NUMBERED = `(() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')];
  const open = all.filter((each) => !each.disabled && each.tabIndex >= 0 && each.checkVisibility({ visibilityProperty: true }));
  open.forEach((each, at) => { each.dataset.reached = String(at); });
  // What looks as if it could be clicked and is nothing of that.
  const alone = [...document.querySelectorAll('main *')].filter((each) =>
    getComputedStyle(each).cursor === 'pointer' && getComputedStyle(each).pointerEvents !== 'none' &&
    each.closest('a[href], button, input, select, textarea, summary, label') === null);
  return { open: open.length, alone: alone.map((each) => each.outerHTML.slice(0, 120)) };
})()`;
const REACHED = 'document.activeElement?.dataset.reached ?? ""';
const NOT_REACHED = (reached: readonly string[]) =>
  `[...document.querySelectorAll('[data-reached]')]
    .filter((each) => !${JSON.stringify(reached)}.includes(each.dataset.reached) && each.isConnected)
    .filter((each) => each.type !== 'radio')
    .map((each) => each.outerHTML.slice(0, 120))`;

/** What cannot be reached by pressing Tab from the top until one is there again; or only looks as if one could. */
async function missedByTab(page: Page): Promise<readonly string[]> {
  const { open, alone } = await page.evaluate<{ open: number; alone: readonly string[] }>(NUMBERED);
  await page.evaluate('document.activeElement?.blur()');
  await page.evaluate('getSelection()?.removeAllRanges(); document.body.focus()');
  const reached = new Set<string>();
  // Tables are stopped at too, since they scroll.
  for (let press = 0; press < open * 2 + 40; press++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate<string>(REACHED);
    if (at !== '') reached.add(at);
    if (reached.size === open) break;
  }
  return [...alone, ...(await page.evaluate<readonly string[]>(NOT_REACHED([...reached])))];
}

/** An auction that somebody won, and a source that was blocked, in the recorded run. */
function recorded(dir: string): Spots {
  const lines = readFileSync(join(dir, 'runs', 'demo-twin-1', 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const entries = lines.map((line) => JSON.parse(line) as JournalEntry);
  const auction = entries.find((each) => each.kind === 'auction' && each.goal.startsWith('sourcesBlocked'));
  const action = entries.find(
    (each) => each.kind === 'action' && each.action === 'block-source' && each.status === 'done',
  );
  if (auction?.kind !== 'auction' || action === undefined) throw new Error('nothing was blocked');
  return { auction: auction.auction, action: action.id, at: entries.indexOf(action) };
}
