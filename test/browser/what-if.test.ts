import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Watched } from './support/browser.ts';
import { CHROMIUM, openPage, seriousViolations, startBrowser } from './support/browser.ts';
import type { RunningUp } from './support/up.ts';
import { startUp } from './support/up.ts';

const inCatalogue = (path: string) => fileURLToPath(new URL(`../../catalogue/${path}`, import.meta.url));
const NSD = inCatalogue('protected-web_ns/protected-web_nsd.yaml');
const VNFDS = ['client', 'firewall', 'rate-limiter', 'web-server'].map((name) =>
  inCatalogue(`${name}_vnf/${name}_vnfd.yaml`),
);
/** Both runs of a minute take a few seconds; a machine that is shared may take longer. */
const WITHIN = { timeout: 60_000 };

describe.skipIf(CHROMIUM === undefined)('what-ifs in the console', () => {
  let up: RunningUp;
  let browser: Browser;
  let watched: Watched;
  beforeAll(async () => {
    [up, browser] = await Promise.all([startUp('--plane', 'twin', '--sites', '4'), startBrowser()]);
    await up.muster('service', 'apply', NSD, ...VNFDS, '--wait');
    watched = await openPage(browser, up.file.api);
    await watched.page.goto(await up.address());
    await watched.page.getByRole('heading', { level: 1 }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await up?.close();
  });

  const services = async () => up.muster('service', 'describe', 'protected-web', '-o', 'json');
  const runs = () => {
    try {
      return readdirSync(join(up.dir, 'runs')).filter((name) => name.startsWith('what-if'));
    } catch {
      return [];
    }
  };
  const siteOfWeb = async () => /"site": "(site\d)"/.exec(await services())?.[1] ?? '';
  const askLost = async (page: Page, site: string) => {
    await page.goto(`${up.file.api}/console/topology?site=${site}`);
    await page.getByRole('link', { name: `what if ${site} were lost?` }).click();
    await page.getByRole('heading', { name: 'What if', exact: true, level: 1 }).waitFor();
    expect(await page.getByLabel('which site').inputValue()).toBe(site);
    await page.getByLabel('seconds ahead').fill('20');
    await page.getByText(`muster what-if lose-site ${site} --for 20`).waitFor();
    await page.getByRole('button', { name: 'run it ahead' }).click();
    await page.getByRole('heading', { name: `What if ${site} is lost` }).waitFor(WITHIN);
    await page.getByText('Run 20 s ahead').waitFor(WITHIN);
  };

  test('a lost site is asked about from the topology, compared with no change, and thrown away: nothing of what is up has changed', async () => {
    const { page } = watched;
    const before = await services();
    const site = await siteOfWeb();
    await askLost(page, site);
    const fared = page.getByRole('region', { name: 'How services fared, from the change on' });
    await fared.getByText(/broken for .* whole again after/).waitFor();
    await fared.getByText('whole all the time').waitFor();
    const units = page.getByRole('region', { name: 'Where units are' });
    expect(await units.getByText('elsewhere').count()).toBeGreaterThan(0);
    await page.getByRole('img', { name: /with the change and without/ }).waitFor();
    await page.getByText(/4 sites with 12 hosts/).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    expect(runs().length).toBe(2);
    expect(await services()).toBe(before);

    // Its runs are runs as others are.
    await page.getByRole('link', { name: 'its journal: each step, and the bids behind it' }).click();
    await page.getByRole('heading', { name: 'Journal' }).waitFor();
    await page
      .getByText(/heal of protected-web/)
      .first()
      .waitFor(WITHIN);
    await page.goBack();
    await page.getByRole('button', { name: 'Throw away' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'throw it away' }).click();
    await page.getByText('Nothing has been asked yet.').waitFor();
    expect(runs()).toEqual([]);
    expect(await services()).toBe(before);
  });

  test('is applied, after it has been said what that does: the site is drained, by an operation in the name of who did it', async () => {
    const { page } = watched;
    const site = await siteOfWeb();
    await askLost(page, site);
    await page.getByRole('button', { name: 'Apply' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`may not run at ${site} any more`).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'apply it' }).click();
    await page.getByRole('region', { name: 'What was applied' }).waitFor(WITHIN);
    await expect.poll(services, WITHIN).not.toContain(`"site": "${site}"`);
    await page.goto(`${up.file.api}/console/journal?kind=request`);
    await page
      .getByText(/\/v1\/what-ifs\/what-if-\d+\/apply/)
      .first()
      .waitFor(WITHIN);
    expect(watched.trouble).toEqual([]);
  });

  test('is cancelled while it runs, and leaves nothing', async () => {
    const { page } = watched;
    const before = runs();
    await page.goto(`${up.file.api}/console/placement`);
    await page.getByRole('link', { name: 'what if there were more users?' }).click();
    await page.getByLabel('seconds ahead').fill('300');
    await page.getByRole('button', { name: 'run it ahead' }).click();
    await page.getByRole('button', { name: 'cancel' }).click();
    await page.getByRole('cell', { name: 'stopped' }).waitFor(WITHIN);
    expect(runs()).toEqual(before);
  });
});
