import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { addressOf } from '../../src/adapters/keys/ethereum-account.ts';
import { allHashes, rawRpc, TEST_KEY } from '../../src/adapters/ledger-embedded/testing/raw-rpc.ts';
import { transferOf } from '../../src/adapters/ledger-embedded/testing/transfers.ts';
import { withKeptLedger } from '../../src/runtime/ledger/kept-ledger.ts';
import { PROOF_FILES } from '../../src/runtime/run-files.ts';

const EVERY_MS = 700;

/** Somebody outside of a pipeline who sends its ledger transactions, and remembers what the ledger has said. */
export class LedgerWitness {
  readonly acknowledged: string[] = [];
  /** Of final blocks, from the first. */
  hashes: readonly string[] = [];
  readonly #url: string;
  readonly #transfer: ReturnType<typeof transferOf>;
  readonly #chainId: number;
  readonly #account = addressOf(TEST_KEY);
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #kept = '';

  constructor({ url, chainId }: { readonly url: string; readonly chainId: number }) {
    this.#url = url;
    this.#chainId = chainId;
    this.#transfer = transferOf(TEST_KEY, chainId);
    this.#again();
  }

  /** What was final is final still, under the same hashes; what has come since is remembered. */
  async expectSameHashes(): Promise<void> {
    const now = await allHashes(this.#url);
    expect(now.slice(0, this.hashes.length)).toEqual(this.hashes);
    this.hashes = now;
  }

  /** What has come has come: no more is sent, and a copy of the journal of that ledger's process is kept. Answers how to drop it. */
  async keepJournal(ledgerPid: number): Promise<() => void> {
    await this.stop();
    await this.expectSameHashes();
    const dir = mkdtempSync(join(tmpdir(), 'muster-replayed-'));
    copyFileSync(join(directoryOf(ledgerPid), 'journal'), join(dir, PROOF_FILES.ledger));
    this.#kept = dir;
    return () => rmSync(dir, { recursive: true, force: true });
  }

  /** The same hashes on another node that replays the copy, where every transaction that was ever acknowledged has happened. */
  async expectReplays(): Promise<void> {
    await withKeptLedger(this.#kept, this.#chainId, async (url) => {
      expect((await allHashes(url)).slice(0, this.hashes.length)).toEqual(this.hashes);
      for (const hash of this.acknowledged) {
        const receipt = async () => (await rawRpc(url, 'eth_getTransactionReceipt', [hash])).result;
        // What was taken and in no block yet gets into the next.
        await expect.poll(receipt, { timeout: 10_000 }).toMatchObject({ status: '0x1' });
      }
    });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
    clearTimeout(this.#timer);
  }

  #again(): void {
    this.#timer = setTimeout(() => {
      this.#sending = this.#send().then(
        () => this.#again(),
        // Killed between question and answer: that transaction may or may not have been taken.
        () => this.#again(),
      );
    }, EVERY_MS);
  }

  async #send(): Promise<void> {
    const count = await rawRpc(this.#url, 'eth_getTransactionCount', [this.#account, 'pending']);
    const raw = await this.#transfer(Number(count.result));
    const { result } = await rawRpc(this.#url, 'eth_sendRawTransaction', [raw]);
    if (typeof result === 'string') this.acknowledged.push(result);
  }
}

/** Where a ledger's process keeps its journal: it is told so in its last argument. */
function directoryOf(pid: number): string {
  const last = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean).at(-1) ?? '';
  return z.looseObject({ directory: z.string() }).parse(JSON.parse(last)).directory;
}
