import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { hashing } from '../../src/adapters/keys/hashing.ts';
import { headerHash } from '../../src/core/ledger/block-hash.ts';
import { encodeReceipt, listRoot } from '../../src/core/ledger/trie-root.ts';
import type { BlockProof } from '../../src/protocol/block-proof.ts';
import { BlockProofsSchema } from '../../src/protocol/block-proof.ts';
import type { Hex } from '../../src/protocol/ledger.ts';
import { LedgerStretchSchema } from '../../src/protocol/ledger-blocks.ts';
import { RunRecordSchema } from '../../src/protocol/run-record.ts';

const home = mkdtempSync(join(tmpdir(), 'muster-trust-views-'));
const bin = new URL('../../bin/muster', import.meta.url).pathname;
const AGENTS = Array.from({ length: 8 }, (_, index) => `a${index + 1}`);
let browser: Browser | undefined;
let context: BrowserContext;
let page: Page;
let base = '';
let errors: string[] = [];

function muster(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, MUSTER_HOME: home };
    execFile(bin, args, { env, cwd: home }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr));
    });
  });
}

beforeAll(async () => {
  await muster('up', 'demo', '--plane', 'twin', '--port', '0');
  const address = (await muster('console')).trim();
  base = `${new URL(address).origin}/console`;
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const first = await context.newPage();
  await first.goto(address);
  await first.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  await first.close();
});

afterAll(async () => {
  await browser?.close();
  await muster('down');
  rmSync(home, { recursive: true, force: true });
});

beforeEach(async () => {
  page = await context.newPage();
  errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
});

afterEach(async () => {
  await page.close();
  expect(errors).toEqual([]);
});

const ViolationsSchema = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullish(),
      nodes: z.array(z.object({ html: z.string() })),
    }),
  ),
});

/** Rules of axe that the view breaks, those that matter. */
async function violations(): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations: found } = ViolationsSchema.parse(await page.evaluate('axe.run()'));
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Whether the page can be read on a telephone: tables scroll in themselves, the page does not. */
async function isNarrow(): Promise<boolean> {
  await page.setViewportSize({ width: 360, height: 740 });
  const spare = z.number().parse(await page.evaluate('innerWidth - document.documentElement.scrollWidth'));
  const view = z
    .number()
    .parse(
      await page.evaluate(
        "(({ clientWidth, scrollWidth }) => clientWidth - scrollWidth)(document.getElementById('view'))",
      ),
    );
  return spare >= 0 && view >= 0;
}

test('attestation: the ring with its table, how it came up, and the history of an agent', async () => {
  await page.goto(`${base}/attestation`);
  const table = page.getByRole('table', { name: 'The same as a table, in the order of turns' });
  for (const name of AGENTS) await table.getByRole('link', { name, exact: true }).waitFor();
  expect(await page.locator('.ring .ring-node.attested').count()).toBe(AGENTS.length);
  expect(await page.locator('.ring .ring-arrow').count()).toBeGreaterThanOrEqual(AGENTS.length);
  expect(await table.getByText('root of trust').count()).toBe(1);
  const steps = page.getByRole('table', { name: 'Steps of the workflow' });
  expect(await steps.getByRole('row').count()).toBe(13);
  expect(await steps.getByText('not yet').count()).toBe(0);
  expect(await violations()).toEqual([]);
  await table.getByRole('link', { name: 'a2', exact: true }).click();
  const history = page.getByRole('table', { name: 'History of a2' });
  await history.getByText('✓ passed').first().waitFor();
  await history.getByText('○ admitted').waitFor();
  expect(new URL(page.url()).pathname).toBe('/console/attestation/a2');
  expect(await violations()).toEqual([]);
  expect(await isNarrow()).toBe(true);
});

test('keys: who holds which epoch, as a picture and as tables', async () => {
  await page.goto(`${base}/keys`);
  const table = page.getByRole('table', { name: 'Who holds which epoch' });
  await table.getByText('✓ the newest').first().waitFor();
  await expect.poll(() => table.getByText('✓ the newest').count()).toBe(AGENTS.length);
  expect(await page.locator('.key-axis .row-name').allTextContents()).toEqual(AGENTS);
  expect(await page.locator('.key-axis .span').count()).toBeGreaterThanOrEqual(AGENTS.length);
  expect(await violations()).toEqual([]);
  expect(await isNarrow()).toBe(true);
});

test('ledger: in sentences, one opened with all that it carries, and nothing before the beginning', async () => {
  await page.goto(`${base}/ledger`);
  const table = page.getByRole('table', { name: 'Events of the ledger, the newest first' });
  await table.getByRole('row').nth(5).waitFor();
  await page.getByRole('combobox', { name: 'Event' }).selectOption('VerdictGiven');
  await table
    .getByRole('button', { name: /^more of entry/ })
    .first()
    .click();
  await page.getByText('✓ its hash is that in the ledger').waitFor();
  expect(await violations()).toEqual([]);
  expect(await isNarrow()).toBe(true);
  await page.goto(`${base}/ledger?at=0`);
  await page.getByText('The ledger said nothing of that by then.').waitFor();
});

/** Has the page verify the ledger; answers what it found, check by check. */
async function verified(): Promise<readonly string[]> {
  await page.goto(`${base}/ledger`);
  await page.getByRole('table', { name: 'Events of the ledger' }).waitFor();
  const button = page.getByRole('button', { name: 'verify in this browser' });
  const computed = page.getByRole('table', { name: 'What this browser has computed' });
  // The first checkpoint is co-signed some seconds after all are attested: until then the page says so.
  await expect
    .poll(
      async () => {
        if (await button.isEnabled()) await button.click();
        await computed.waitFor({ timeout: 5000 }).catch(() => undefined);
        return computed.isVisible();
      },
      { timeout: 40_000, interval: 1000 },
    )
    .toBe(true);
  const rows = await computed.locator('tbody tr').all();
  const cells = await Promise.all(rows.map((row) => row.getByRole('cell').allTextContents()));
  for (const [check, , examined] of cells) expect([check, Number(examined) > 0]).toEqual([check, true]);
  return cells.filter((each) => each[3] !== '✓ fits').map(([check]) => check ?? '');
}

test('what is honest stands up in the browser, with what it has not looked at said', async () => {
  expect(await verified()).toEqual([]);
  await page.getByText('✓ Everything fits, up to block').waitFor();
  await page.getByText('Not looked at here').waitFor();
  expect(await violations()).toEqual([]);
});

/** Between the page and the API sits somebody who changes answers. */
async function tamper<T>(path: string, schema: z.ZodType<T>, change: (answer: T) => T): Promise<void> {
  await page.route(`**${path}*`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: change(schema.parse(await response.json())) });
  });
}

/** The first block with an event has another one, in a word of its data. */
function falsified(
  proofs: readonly BlockProof[],
  then: (proof: BlockProof) => BlockProof,
): readonly BlockProof[] {
  const index = proofs.findIndex(({ receipts }) => receipts.some(({ logs }) => logs.length > 0));
  return proofs.map((proof, at) => (at === index ? then(withOtherEvent(proof)) : proof));
}

function withOtherEvent(proof: BlockProof): BlockProof {
  const receipts = proof.receipts.map((receipt) => ({
    ...receipt,
    logs: receipt.logs.map((log) => ({
      ...log,
      topics: log.topics.with(-1, `0x${'0'.repeat(24)}${'ee'.repeat(20)}`),
    })),
  }));
  return { ...proof, receipts };
}

/** Its header and its hash are made to fit, too. */
function resealed(proof: BlockProof): BlockProof {
  const receiptsRoot = listRoot(proof.receipts.map(encodeReceipt), hashing);
  const header = { ...proof.header, receiptsRoot };
  return { ...proof, header, hash: headerHash(header, hashing) };
}

test('a falsified block is found, also one whose hashes were made to fit', async () => {
  await tamper('/v1/ledger/proofs', BlockProofsSchema, ({ proofs }) => ({
    proofs: [...falsified(proofs, (each) => each)],
  }));
  expect(await verified()).toContain('blocks');
  await page
    .getByText('its receipts (events, outcomes) are not those that its header commits to')
    .first()
    .waitFor();
  await page.unrouteAll();
  await tamper('/v1/ledger/proofs', BlockProofsSchema, ({ proofs }) => ({
    proofs: [...falsified(proofs, resealed)],
  }));
  expect(await verified()).toContain('blocks');
  await page
    .getByText(/it follows 0x/)
    .first()
    .waitFor();
});

test('sentences of another event than the chain has are found', async () => {
  await tamper('/v1/ledger/blocks', LedgerStretchSchema, (stretch) => ({
    ...stretch,
    blocks: stretch.blocks.map((block) => ({
      ...block,
      entries: block.entries.map((entry) =>
        entry.event.kind === 'AgentAdmitted' && entry.event.name === 'a3'
          ? { ...entry, event: { ...entry.event, name: 'another' } }
          : entry,
      ),
    })),
  }));
  expect(await verified()).toEqual(['shown']);
});

test('a changed signature, and a changed entry of the journal, are found', async () => {
  await tamper('/v1/record', RunRecordSchema, (record) => {
    const { checkpoint, batches, lines } = record;
    if (checkpoint === null) throw new Error('nothing is co-signed');
    const anchored = batches[0]?.entries[0]?.id;
    return {
      ...record,
      checkpoint: {
        ...checkpoint,
        signatures: checkpoint.signatures.map(({ signer, signature }) => ({
          signer,
          signature: `0x${signature.slice(2, 10).replace(/./g, '1')}${signature.slice(10)}` as Hex,
        })),
      },
      lines: lines.map((line) =>
        line.includes(`"id":"${anchored}"`) ? line.replace('"reason":"', '"reason":"not ') : line,
      ),
    };
  });
  expect(await verified()).toEqual(['checkpoint', 'journal']);
});
