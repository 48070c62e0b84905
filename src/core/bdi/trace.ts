import type { JournalEntry } from '../../protocol/journal.ts';

/** What an entry follows from: an entry of this agent's own trace by number, or another's by its journal id. 0: nothing. */
export type Cause = number | string;

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** What is traced: a journal entry without what the agent adds by itself. */
export type TraceDraft = Without<JournalEntry, 'id' | 'agent' | 'because' | 'tMs'>;

/** One entry of an agent's trace of reasons: becomes journal entry `<agent>:<id>`. */
export interface TraceEntry {
  readonly id: number;
  readonly tMs: number;
  readonly because: readonly Cause[];
  readonly draft: TraceDraft;
}

/**
 * An entry that is put into words only when it is read: agents reason far more often than they are asked why. What it is
 * made of must never change afterwards.
 */
export class LazyEntry<A, B, C, D> implements TraceEntry {
  readonly id: number;
  readonly tMs: number;
  readonly #cause: Cause | readonly Cause[];
  readonly #render: (a: A, b: B, c: C, d: D) => TraceDraft;
  readonly #a: A;
  readonly #b: B;
  readonly #c: C;
  readonly #d: D;

  constructor(
    id: number,
    tMs: number,
    cause: Cause | readonly Cause[],
    render: (a: A, b: B, c: C, d: D) => TraceDraft,
    a: A,
    b: B,
    c: C,
    d: D,
  ) {
    this.id = id;
    this.tMs = tMs;
    this.#cause = cause;
    this.#render = render;
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }

  get because(): readonly Cause[] {
    const cause = this.#cause;
    return typeof cause === 'object' ? cause : [cause];
  }

  get draft(): TraceDraft {
    return this.#render(this.#a, this.#b, this.#c, this.#d);
  }
}

/** Where an agent's trace goes. */
export interface TraceSink {
  push(entry: TraceEntry): void;
}

/** The journal's form of a trace entry. */
export function toJournalEntry(agent: string, entry: TraceEntry): JournalEntry {
  const because: string[] = [];
  for (const cause of entry.because) {
    if (typeof cause === 'string') because.push(cause);
    else if (cause !== 0) because.push(`${agent}:${cause}`);
  }
  return { ...entry.draft, id: `${agent}:${entry.id}`, tMs: entry.tMs, agent, because };
}
