import { hashing } from '../../adapters/keys/hashing.ts';
import { journalLeaf } from '../../adapters/keys/journal-leaf.ts';
import { merkleTree } from '../../core/attestation/merkle.ts';
import type { CallResult } from '../../ports/ledger.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { AnchoredBatch } from '../../protocol/run-record.ts';

/** The registry anchors no more often than this: one small transaction for all that was journalled meanwhile. */
const EVERY_MS = 5000;
/** Entries of one batch: its tree is hashed at a stretch. */
const MOST_ENTRIES = 5000;
/** Entries that may wait for a ledger that is away, and then the newest of them stay unanchored, which is told. */
const MOST_WAITING = 200_000;

export interface JournalAnchorOptions {
  /** Puts a root on the ledger; resolves once that is final. */
  anchor(root: Hex, count: number): Promise<CallResult>;
  /** Entries whose batches are kept at least; lines with them. Absent: all batches, and no lines, which are in the journal's file. */
  readonly kept?: number;
  onFault(fault: string, subject: string, reason: string): void;
}

interface Waiting {
  readonly id: string;
  readonly leaf: Hex;
  readonly line: string | undefined;
}

/** Puts a Merkle root over each stretch of a journal on the ledger, so that no entry can be changed or left out afterwards. */
export class JournalAnchor {
  readonly #options: JournalAnchorOptions;
  #waiting: Waiting[] = [];
  #anchored: { readonly batch: AnchoredBatch; readonly lines: readonly string[] }[] = [];
  #entries = 0;
  /** Sent, and not known to be anchored: sent again as it was, since its root may stand already. */
  #sent: readonly Waiting[] = [];
  #busy: Promise<boolean> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #full = false;

  constructor(options: JournalAnchorOptions) {
    this.#options = options;
  }

  /** Begins to anchor; entries may come before. */
  start(): void {
    this.#timer = setInterval(() => void this.flush(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get batches(): readonly AnchoredBatch[] {
    return this.#anchored.map((each) => each.batch);
  }

  /** Of the batches that are kept, and of what waits, where lines are kept at all. */
  lines(): readonly string[] {
    const waiting = this.#waiting.flatMap((each) => each.line ?? []);
    return [...this.#anchored.flatMap((each) => each.lines), ...waiting];
  }

  add(entry: JournalEntry): void {
    if (this.#waiting.length >= MOST_WAITING) {
      const reason = `${MOST_WAITING} entries wait for the ledger: further ones are not anchored`;
      if (!this.#full) {
        this.#full = true;
        this.#options.onFault('not-anchored', 'journal', reason);
      }
      return;
    }
    const line = JSON.stringify(entry);
    const kept = this.#options.kept === undefined ? undefined : line;
    this.#waiting.push({ id: entry.id, leaf: journalLeaf(line), line: kept });
  }

  /** Anchors one batch of what waits; answers whether the ledger took it, or nothing waited. */
  flush(): Promise<boolean> {
    this.#busy ??= this.#anchorBatch().finally(() => {
      this.#busy = undefined;
    });
    return this.#busy;
  }

  /** Anchors all that waits; answers the block that has the last of it, undefined: the ledger did not take it in time. */
  async finish(withinMs: number): Promise<number | undefined> {
    this.stop();
    const until = performance.now() + withinMs;
    while (this.#waiting.length > 0) {
      if (performance.now() > until) return undefined;
      if (!(await within(this.flush(), until - performance.now()))) return undefined;
    }
    return this.#anchored.at(-1)?.batch.block;
  }

  async #anchorBatch(): Promise<boolean> {
    const batch = this.#sent.length > 0 ? this.#sent : this.#waiting.slice(0, MOST_ENTRIES);
    if (batch.length === 0) return true;
    this.#sent = batch;
    const { root } = merkleTree(
      batch.map((each) => each.leaf),
      hashing,
    );
    const result = await this.#options.anchor(root, batch.length);
    if (!result.ok) return false;
    this.#sent = [];
    this.#waiting.splice(0, batch.length);
    this.#full = false;
    const entries = batch.map(({ id, leaf }) => ({ id, leaf }));
    const { block, transaction } = result;
    this.#anchored.push({
      batch: { root, block, transaction, entries },
      lines: batch.flatMap((each) => each.line ?? []),
    });
    this.#entries += batch.length;
    this.#forget();
    return true;
  }

  #forget(): void {
    const { kept = Number.POSITIVE_INFINITY } = this.#options;
    for (;;) {
      const oldest = this.#anchored[0]?.batch.entries.length;
      if (oldest === undefined || this.#entries - oldest < kept) return;
      this.#anchored.shift();
      this.#entries -= oldest;
    }
  }
}

async function within(work: Promise<boolean>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
