import { useSyncExternalStore } from 'react';
import type { LedgerBlock } from '../../../src/protocol/ledger.ts';
import type { LedgerStretch } from '../../../src/protocol/ledger-blocks.ts';
import { ask, Refused } from './ask.ts';
import { countBefore } from './count-before.ts';
import type { Source } from './source-name.ts';
import { useJournal } from './use-journal.ts';

const EVERY_MS = 2000;
/** Entries that are kept in the page: whoever wants more has the command line. */
const MOST_ENTRIES = 100_000;

/** The ledger of what is up, read on while somebody looks at it. */
class LedgerStore {
  blocks: readonly LedgerBlock[] = [];
  head = 0;
  refused: Refused | undefined;
  /** There are blocks that have not been read. */
  isBehind = true;
  isFull = false;
  #next = 0;
  #genesis = '';
  #entries = 0;
  #version = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  readonly version = (): number => this.#version;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#timer = setTimeout(() => void this.#read(), 0);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#timer);
    };
  };

  async #read(): Promise<void> {
    if (!document.hidden && !this.isFull) {
      try {
        this.#take(await ask<LedgerStretch>(`/v1/ledger/blocks?from=${this.#next}`));
        this.refused = undefined;
      } catch (error) {
        this.refused = error instanceof Refused ? error : new Refused(0, String(error), '');
      }
      this.#version++;
      for (const listener of this.#listeners) listener();
    }
    if (this.#listeners.size === 0) return;
    clearTimeout(this.#timer);
    const isSoon = this.isBehind && this.refused === undefined;
    this.#timer = setTimeout(() => void this.#read(), isSoon ? 0 : EVERY_MS);
  }

  #take({ pipeline, head, next, blocks }: LedgerStretch): void {
    const genesis = `${pipeline.genesisHash} ${pipeline.attestation}`;
    if (this.#genesis !== genesis) {
      // Another ledger: Muster was started anew.
      const isFirst = this.#genesis === '';
      Object.assign(this, { blocks: [], isFull: false });
      this.#genesis = genesis;
      this.#entries = 0;
      this.#next = 0;
      if (!isFirst) return;
    }
    this.head = head;
    this.#next = next;
    this.isBehind = next <= head;
    if (blocks.length === 0) return;
    this.blocks = [...this.blocks, ...blocks];
    this.#entries += blocks.reduce((sum, each) => sum + each.entries.length, 0);
    this.isFull = this.#entries > MOST_ENTRIES;
  }
}

const store = new LedgerStore();
const still = () => () => {};

export interface LedgerLooking {
  /** By the time that is looked at; of what is up alone. */
  readonly blocks: readonly LedgerBlock[];
  readonly isLoading: boolean;
  /** There are more than the page keeps. */
  readonly isFull: boolean;
  readonly refused: Refused | undefined;
  /** Entries of the ledger in the journal, by then; of a run that is all there is. */
  readonly told: readonly TellingEntry[];
  readonly isRun: boolean;
  readonly source: Source;
}

type TellingEntry = Extract<
  ReturnType<typeof useJournal>['journal']['index']['entries'][number],
  { kind: 'ledger' }
>;

/** What the ledger said by the time that is looked at. */
export function useLedger(): LedgerLooking {
  const { source, journal, end, isNow } = useJournal();
  const isRun = source.kind === 'run';
  useSyncExternalStore(isRun ? still : store.subscribe, store.version);
  const positions = journal.ofKind('ledger');
  const told = positions.slice(0, countBefore(positions, end)).flatMap((at): TellingEntry[] => {
    const entry = journal.index.entries[at];
    return entry?.kind === 'ledger' ? [entry] : [];
  });
  const upTo = isNow ? Number.POSITIVE_INFINITY : (told.at(-1)?.block ?? 0);
  return {
    told,
    isRun,
    source,
    blocks: isRun ? [] : upTo === Number.POSITIVE_INFINITY ? store.blocks : until(store.blocks, upTo),
    isLoading: !isRun && store.isBehind && !store.isFull,
    isFull: store.isFull,
    refused: isRun ? undefined : store.refused,
  };
}

function until(blocks: readonly LedgerBlock[], number: number): readonly LedgerBlock[] {
  return blocks.slice(
    0,
    countBefore(
      blocks.map((each) => each.number),
      number + 1,
    ),
  );
}
