import type { JournalEntry } from '../../protocol/journal.ts';
import type { JournalExtent } from '../../protocol/up-status.ts';

export interface JournalRetention {
  readonly mostEntries: number;
  readonly mostAgeMs: number;
}

/** What `muster up` keeps unless it is told otherwise: a week, and of that the newest 50 000 entries. */
export const USUAL_RETENTION: JournalRetention = { mostEntries: 50_000, mostAgeMs: 7 * 24 * 3_600_000 };

export interface KeptEntry {
  /** Counts from 1. */
  readonly seq: number;
  readonly entry: JournalEntry;
}

/** The newest entries of a journal that has no end, for who asks later: as many and for as long as is wanted. */
export class KeptJournal {
  readonly #retention: JournalRetention;
  readonly #nowMs: () => number;
  readonly #life: string;
  #kept: (KeptEntry & { readonly atMs: number })[] = [];
  /** How many at the beginning of `#kept` have been dropped: they are cut off now and then, not one by one. */
  #gone = 0;
  #seq = 0;

  constructor(retention: JournalRetention, nowMs: () => number) {
    this.#retention = retention;
    this.#nowMs = nowMs;
    this.#life = nowMs().toString(36);
  }

  /** Answers the number of the entry. */
  keep(entry: JournalEntry): number {
    const seq = ++this.#seq;
    this.#kept.push({ seq, entry, atMs: this.#nowMs() });
    this.#drop();
    return seq;
  }

  /** Those after `seq` that are still there, oldest first. */
  after(seq: number): readonly KeptEntry[] {
    this.#drop();
    const first = this.#kept[this.#gone]?.seq ?? this.#seq + 1;
    // Numbers follow one another.
    return this.#kept.slice(this.#gone + Math.max(0, seq + 1 - first));
  }

  extent(): JournalExtent {
    this.#drop();
    const first = this.#kept[this.#gone];
    const entries = this.#kept.length - this.#gone;
    return {
      life: this.#life,
      entries,
      firstSeq: first?.seq ?? this.#seq + 1,
      dropped: this.#seq - entries,
      sinceMs: first?.atMs ?? null,
      ...this.#retention,
    };
  }

  #drop(): void {
    const { mostEntries, mostAgeMs } = this.#retention;
    const oldestMs = this.#nowMs() - mostAgeMs;
    const most = this.#kept.length - mostEntries;
    while (this.#gone < this.#kept.length) {
      const first = this.#kept[this.#gone];
      if (first === undefined || (this.#gone >= most && first.atMs >= oldestMs)) break;
      this.#gone++;
    }
    if (this.#gone <= 1000 || this.#gone * 2 < this.#kept.length) return;
    this.#kept = this.#kept.slice(this.#gone);
    this.#gone = 0;
  }
}
