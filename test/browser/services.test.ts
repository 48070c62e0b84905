import { readFileSync } from 'node:fs';
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
/** Scaling and terminating in the twin take well under a second; a machine that is shared may take longer. */
const WITHIN = { timeout: 60_000 };

describe.skipIf(CHROMIUM === undefined)('services in the console', () => {
  let up: RunningUp;
  let browser: Browser;
  let watched: Watched;
  beforeAll(async () => {
    [up, browser] = await Promise.all([startUp('--plane', 'twin', '--sites', '4'), startBrowser()]);
    watched = await openPage(browser, up.file.api);
    await watched.page.goto(await up.address());
    await watched.page.getByRole('heading', { level: 1 }).waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await up?.close();
  });

  const go = async (page: Page, path: string): Promise<void> => {
    await page.goto(`${up.file.api}/console${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  };
  const toService = async (page: Page): Promise<void> => {
    await go(page, '/services');
    await page.getByRole('link', { name: 'protected-web' }).click();
    await page.getByRole('heading', { name: 'Service protected-web' }).waitFor();
  };

  test('a package that is wrong is told so at its line, with what mends it; names cannot be markup', async () => {
    const { page } = watched;
    await go(page, '/packages');
    const hostile = `'<img src=x onerror="alert(1)">'`;
    const text = readFileSync(NSD, 'utf8')
      .replace('vnfd-id: muster-firewall', 'vnfd-id: muster-firewal')
      .replace('designer: Muster', `designer: ${hostile}\n      ${hostile}: 1`);
    const line = text.split('\n').findIndex((each) => each.endsWith('muster-firewal')) + 1;
    expect(line).toBeGreaterThan(0);
    const file = `new File([${JSON.stringify(text)}], 'broken_nsd.yaml')`;
    const dropped = await page.evaluateHandle(
      `(() => { const t = new DataTransfer(); t.items.add(${file}); return t; })()`,
    );
    await page
      .getByRole('region', { name: 'Drop files here' })
      .dispatchEvent('drop', { dataTransfer: dropped });
    await page.locator('input[type=file]').setInputFiles(VNFDS);
    await page.getByText('1 file cannot be taken').waitFor();
    const wrong = page.getByRole('listitem').filter({ hasText: 'there is no `muster-firewal`' });
    expect(await wrong.innerText()).toContain('did you mean `muster-firewall`?');
    expect(await wrong.locator('code').innerText()).toContain('vnfd-id: muster-firewal');
    await page.getByText('onerror').first().waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(await seriousViolations(page)).toEqual([]);
    expect((await up.muster('package', 'list', '-o', 'name')).trim()).toBe('');
  });

  test('who has no files takes a service of the catalogue, as if its files had been dropped', async () => {
    const { page } = watched;
    await go(page, '/packages');
    await page.getByRole('button', { name: 'take watched-video' }).click();
    await page
      .getByText(/Nothing stands in their way: 6 packages to be onboarded, 1 service asked for/)
      .waitFor();
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('dialog').getByRole('cell', { name: 'service watched-video' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'put them away' }).click();
    await page.getByText('Nothing is onboarded yet').waitFor();
  });

  test('packages and the service that they ask for are applied, after what would change has been shown', async () => {
    const { page } = watched;
    await go(page, '/packages');
    await page.locator('input[type=file]').setInputFiles([NSD, ...VNFDS]);
    await page.getByText('Nothing stands in their way').waitFor();
    await page.getByRole('button', { name: 'Apply' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('cell', { name: 'service protected-web' }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'apply', exact: true }).click();
    await page.getByRole('region', { name: 'What was applied' }).getByRole('link').click();
    await page.getByText('4 of 4 units run').waitFor(WITHIN);
    await expect.poll(() => page.locator('ol.steps li.done').count(), WITHIN).toBeGreaterThan(3);
  });

  test('one sees which bid won each unit, how flows are led, and the descriptor beside what runs', async () => {
    const { page } = watched;
    await toService(page);
    await page.getByLabel('bids for the unit').selectOption('web/unit/0');
    await page.getByRole('img', { name: /Prices of the bids/ }).waitFor();
    expect(await page.getByRole('cell', { name: '✓ won' }).count()).toBe(1);
    await page.getByRole('img', { name: /As it is now: chains/ }).waitFor();
    await page
      .getByRole('cell', { name: /firewall\/unit\/0 .*→ limiter\/unit\/0 .*→ web\/unit\/0/ })
      .first()
      .waitFor();
    await page
      .getByRole('region', { name: 'Text of nsd/protected-web' })
      .getByText('vnfd-id:')
      .first()
      .waitFor();
  });

  test('it is scaled and a unit is replaced, each after being asked; before and after are side by side', async () => {
    const { page } = watched;
    await toService(page);
    await page.getByRole('button', { name: /^Scale web/ }).click();
    await page.getByRole('dialog').getByText('goes from level 0 to 1').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('button', { name: /^Scale web/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'scale out', exact: true }).click();
    await page.getByText('5 of 5 units run').waitFor(WITHIN);
    await page.getByRole('button', { name: /^Replace firewall\/unit\/0/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'replace it' }).click();
    await page.getByRole('cell', { name: 'firewall/unit/1', exact: true }).waitFor(WITHIN);
    await page.getByRole('button', { name: 'heal', exact: true }).waitFor();
    await page.getByLabel('as it is, or before and after').selectOption({ index: 1 });
    await page.getByRole('heading', { name: 'After', exact: true }).waitFor();
    await page.getByRole('cell', { name: /firewall\/unit\/1 \(.*new\)/ }).waitFor();
    await page.getByRole('cell', { name: /firewall\/unit\/0 \(.*goes\)/ }).waitFor();
    expect(await seriousViolations(page)).toEqual([]);
  });

  test('its configuration is edited, with mistakes at their lines, tried, and applied', async () => {
    const { page } = watched;
    await toService(page);
    const editor = page.getByLabel(/^protected-web\.yaml/);
    const asked = await editor.inputValue();
    await page.getByRole('button', { name: 'try it' }).click();
    await page.getByText('nothing would change').first().waitFor();
    await editor.fill(`${asked}  onPartition: wait\n`);
    await page.getByRole('button', { name: 'try it' }).click();
    await page.getByRole('listitem').filter({ hasText: 'onPartition: wait' }).getByText('✗ error').waitFor();
    await editor.fill(`${asked}  onPartition: stay\n`);
    await page.getByRole('button', { name: 'try it' }).click();
    await page.getByRole('button', { name: 'Apply …' }).click();
    await page.getByRole('dialog').getByRole('cell', { name: 'onPartition' }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'apply', exact: true }).click();
    await page.getByText('is silent for 2 s: stay').waitFor(WITHIN);
  });

  test('a pipeline is planned for it, edited, and compared with what runs', async () => {
    const { page } = watched;
    await toService(page);
    await page
      .locator('select')
      .filter({ hasText: 'one planned for' })
      .selectOption({ label: 'one planned for protected-web' });
    const editor = page.getByLabel(/^pipeline\.yaml \(protected-web\)/);
    await editor.waitFor();
    await page.getByRole('button', { name: 'what would change' }).click();
    await page.getByRole('table', { name: 'What would change' }).getByRole('row').nth(1).waitFor();
    await editor.fill((await editor.inputValue()).replace(/host: .*/, 'host: nowhere'));
    await page.getByRole('button', { name: 'what would change' }).click();
    await page.getByText('there is no host `nowhere` here').waitFor();
  });

  test('what had been done by an earlier time is told when one goes back, on the list and of one', async () => {
    const { page } = watched;
    await go(page, '/services?at=0');
    await page.getByText('Nothing had been done to any service by then').waitFor();
    await toService(page);
    await page.getByRole('button', { name: 'One entry back' }).click();
    await page.getByRole('heading', { name: 'What had been done by then' }).waitFor();
    await page.getByRole('cell', { name: 'scale', exact: true }).first().waitFor();
  });

  test('a viewer sees it all, and is told why nothing may be done', async () => {
    const told = await up.muster('token', 'create', 'eve', '--role', 'viewer');
    const [, secret = ''] = /(muster_\S+)/.exec(told) ?? [];
    const { page } = await openPage(browser, up.file.api);
    await page.goto(`${up.file.api}/console/`);
    await page.getByLabel('Token').fill(secret);
    await page.getByRole('button', { name: 'come in' }).click();
    await page.getByText('eve (viewer)').waitFor();
    await toService(page);
    await page.getByRole('button', { name: 'Terminate' }).click();
    await page.getByRole('dialog').getByText('eve may only look').waitFor();
    expect(await page.getByRole('dialog').getByRole('button').allInnerTexts()).toEqual(['copy', 'close']);
    await page.context().close();
  });

  test('it fits a small screen', async () => {
    const { page } = watched;
    await page.setViewportSize({ width: 360, height: 740 });
    for (const path of ['/services', '/packages']) {
      await go(page, path);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
      expect(await seriousViolations(page)).toEqual([]);
    }
    await toService(page);
    expect(
      await page.evaluate(
        "document.querySelector('#view').scrollWidth - document.querySelector('#view').clientWidth",
      ),
    ).toBe(0);
    expect(await seriousViolations(page)).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  test('it is terminated and forgotten; nothing went wrong in the page', async () => {
    const { page, trouble } = watched;
    await toService(page);
    await page.getByRole('button', { name: 'Terminate' }).click();
    await page.getByRole('dialog').getByRole('checkbox', { name: 'forget it too' }).check();
    await page.getByRole('dialog').getByRole('button', { name: 'terminate it' }).click();
    await page.getByText('there is no service', { exact: false }).first().waitFor(WITHIN);
    await go(page, '/services');
    await page.getByText('There is no service yet').waitFor();
    expect(trouble.filter((each) => !each.includes('401') && !each.includes('404'))).toEqual([]);
  });
});
