import { createHash } from 'node:crypto';
import type { TraceEntry, TraceSink } from '../core/bdi/trace.ts';
import { toJournalEntry } from '../core/bdi/trace.ts';
import type { JournalEntry } from '../protocol/journal.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type RuntimeDraft = Without<JournalEntry, 'id' | 'agent' | 'tMs'>;

/**
 * The journal of one run, in memory: what agents trace, in the order in which they reasoned, and what the runtime itself
 * records as `muster:<n>`. Its hash covers the agents' entries alone, which a replay gives again byte for byte.
 */
export class JournalWriter {
  readonly entries: JournalEntry[] = [];
  readonly #hash = createHash('sha256');
  readonly #listeners: ((entry: JournalEntry) => void)[];
  readonly #forgetful: boolean;
  #own = 0;
  #sealed = false;

  /** `forgetful`: entries are handed on and not kept, where a run has no end. */
  constructor(
    onEntry: (entry: JournalEntry) => void = () => {},
    { forgetful = false }: { readonly forgetful?: boolean } = {},
  ) {
    this.#listeners = [onEntry];
    this.#forgetful = forgetful;
  }

  /** Tells further entries to somebody else too. */
  listen(onEntry: (entry: JournalEntry) => void): void {
    this.#listeners.push(onEntry);
  }

  /** What comes from now on is no part of the run. */
  seal(): void {
    this.#sealed = true;
  }

  /** Whether what comes is still part of the run. */
  get isOpen(): boolean {
    return !this.#sealed;
  }

  /** Whether entries are kept here. */
  get keeps(): boolean {
    return !this.#forgetful;
  }

  /** Where one agent's trace goes. */
  sinkOf(agent: string): TraceSink {
    return {
      push: (entry: TraceEntry) => {
        if (this.#sealed) return;
        const journalled = toJournalEntry(agent, entry);
        if (!this.#forgetful) {
          this.#hash.update(JSON.stringify(journalled));
          this.#hash.update('\n');
        }
        this.#add(journalled);
      },
    };
  }

  /** Records something that the runtime did or saw; answers its id. */
  record(tMs: number, draft: RuntimeDraft): string {
    const id = `muster:${++this.#own}`;
    this.#add({ ...draft, id, agent: 'muster', tMs });
    return id;
  }

  /** Takes an entry that an agent elsewhere has traced. */
  ingest(entry: JournalEntry): void {
    this.#add(entry);
  }

  /** By time; entries of one agent in its own order. Those of agents elsewhere come in batches. */
  inOrder(): readonly JournalEntry[] {
    return [...this.entries].sort((a, b) => a.tMs - b.tMs);
  }

  /** sha256 over the agents' entries so far, in hex; of a forgetful one it says nothing. */
  traceHash(): string {
    return this.#hash.copy().digest('hex');
  }

  #add(entry: JournalEntry): void {
    if (this.#sealed) return;
    if (!this.#forgetful) this.entries.push(entry);
    for (const listener of this.#listeners) listener(entry);
  }
}
