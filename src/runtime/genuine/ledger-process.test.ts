import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allHashes, rawRpc, TEST_KEY } from '../../adapters/ledger-embedded/testing/raw-rpc.ts';
import { transferOf } from '../../adapters/ledger-embedded/testing/transfers.ts';
import { buildPrograms } from './build-programs.ts';
import type { SupervisedLedger } from './ledger-process.ts';
import { superviseLedger } from './ledger-process.ts';

const base = mkdtempSync(join(tmpdir(), 'muster-supervised-'));
const directory = join(base, 'ledger');
const journal = join(directory, 'journal');
const troubles: string[] = [];
const cuts: unknown[] = [];
let ledger: SupervisedLedger;

beforeAll(async () => {
  const { ledgerNode } = await buildPrograms(join(base, 'programs'));
  ledger = await superviseLedger({
    program: ledgerNode,
    directory,
    blockMs: 50,
    onNote: () => {},
    onTrouble: (reason) => troubles.push(reason),
    onCut: (cut) => cuts.push(cut),
  });
  const transfer = transferOf(TEST_KEY, ledger.chainId);
  for (let nonce = 0; nonce < 5; nonce++)
    await rawRpc(ledger.url, 'eth_sendRawTransaction', [await transfer(nonce)]);
}, 60_000);

afterAll(async () => {
  await ledger?.stop();
  rmSync(base, { recursive: true, force: true });
});

/** Resolves once another process runs the ledger, and it is well. */
async function isBack(before: number): Promise<void> {
  const well = () => ledger.pid !== before && ledger.trouble === undefined;
  await expect.poll(well, { timeout: 40_000, interval: 50 }).toBe(true);
}

it('a ledger that is killed comes back with all that it had, and both are told', async () => {
  const { pid } = ledger;
  const before = await allHashes(ledger.url);
  expect(before.length).toBeGreaterThan(1);
  process.kill(pid, 'SIGKILL');
  await isBack(pid);
  expect(troubles.splice(0)).toEqual(['the ledger has ended: it is started again']);
  // What was still waiting for a block may have got it by now.
  expect((await allHashes(ledger.url)).slice(0, before.length)).toEqual(before);
  expect(cuts).toEqual([]);
}, 60_000);

it('a damaged end of its journal is cut off, and told', async () => {
  const { pid } = ledger;
  process.kill(pid, 'SIGKILL');
  appendFileSync(journal, '01234567 [9999,"ta');
  await isBack(pid);
  expect(cuts).toMatchObject([{ bytes: 18, records: 1 }]);
}, 60_000);

it('with a damaged middle it refuses to start and says why, until it is mended', async () => {
  const { pid } = ledger;
  const whole = readFileSync(journal);
  troubles.splice(0);
  process.kill(pid, 'SIGKILL');
  change(100, Buffer.from('#'));
  await expect
    .poll(() => ledger.trouble, { timeout: 40_000, interval: 50 })
    .toMatch(/^the ledger does not come back: .*journal .* cannot be trusted: it is damaged at byte/);
  // Once, however often it is tried.
  expect(troubles).toHaveLength(2);
  change(100, whole.subarray(100, 101));
  await isBack(pid);
}, 90_000);

function change(at: number, byte: Uint8Array): void {
  const file = openSync(journal, 'r+');
  writeSync(file, byte, 0, 1, at);
  closeSync(file);
}
