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
