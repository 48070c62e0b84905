import type { JournalEntry } from '../../../protocol/journal.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A journal entry without what the writer fills in. */
export type EntryDraft = Without<JournalEntry, 'id' | 'agent' | 'because' | 'tMs' | 'reason'>;

/** Writes hand-made journals: ids count up for each agent, as in a run. */
export class JournalWriter {
  readonly entries: JournalEntry[] = [];
  readonly #next = new Map<string, number>();

  /** Adds an entry and answers its id. */
  write(tMs: number, agent: string, draft: EntryDraft, reason = '', because: readonly string[] = []): string {
    const n = (this.#next.get(agent) ?? 0) + 1;
    this.#next.set(agent, n);
    const id = `${agent}:${n}`;
    this.entries.push({ ...draft, id, tMs, agent, because: [...because], reason });
    return id;
  }
}
