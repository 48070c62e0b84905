import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

/** Debian's, or another that is there; undefined: none is. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM ?? '', args: FLAGS });
}

export interface Watched {
  readonly page: Page;
  /** What went wrong in the page: errors, scripts that were refused, requests to others. */
  readonly trouble: string[];
}

/** A page that is watched for what must not happen. `origin`: whom it may ask. */
export async function openPage(
  browser: Browser,
  origin: string,
  viewport = { width: 1280, height: 860 },
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Watched> {
  const page = await (await browser.newContext({ viewport, colorScheme })).newPage();
  const trouble: string[] = [];
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    // Of what could not be fetched the text says no address.
    const { url } = message.location();
    if (message.type() === 'error') trouble.push(url === '' ? message.text() : `${message.text()} ${url}`);
  });
  page.on('dialog', (dialog) => {
    trouble.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      trouble.push(`request ${request.url()}`);
  });
  return { page, trouble };
}

/** Another page of whoever is in at `page`, in a window of its own: a window has few connections to a server. */
export async function anotherWindow(page: Page): Promise<Page> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page has no browser');
  const storageState = await page.context().storageState();
  return (await browser.newContext({ viewport: page.viewportSize(), storageState })).newPage();
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Violations of axe-core that are serious or critical, in words. */
export async function seriousViolations(page: Page): Promise<readonly string[]> {
  // As the tester, not as the page: its policy runs no script of others.
  await page.evaluate(AXE);
  const found = await page.evaluate<readonly Violation[]>(
    'axe.run(document).then(({ violations }) => violations)',
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html ?? ''}`);
}
