import type { JournalEntry, JournalKind } from '../../../../src/protocol/journal.ts';
import { countBefore } from '../../data/count-before.ts';

/** Of a journal what it takes to find what was decided last. */
export interface Decided {
  readonly index: { readonly entries: readonly JournalEntry[] };
  /** Positions of entries, ascending. */
  ofKind(kind: JournalKind): readonly number[];
}

/** What changes nothing on the network. */
const READINGS = new Set(['measure', 'watch', 'unwatch', 'confirm-sources', 'placing-answer']);

/** What was done last before this position, to the network or to services, the newest first. */
export function lastDecisions(journal: Decided, end: number, most: number): readonly JournalEntry[] {
  const newest = (kind: JournalKind, counts: (entry: JournalEntry) => boolean): readonly number[] => {
    const positions = journal.ofKind(kind);
    const found: number[] = [];
    for (let at = countBefore(positions, end) - 1; at >= 0 && found.length < most; at--) {
      const position = positions[at] ?? 0;
      const entry = journal.index.entries[position];
      if (entry !== undefined && counts(entry)) found.push(position);
    }
    return found;
  };
  return [...newest('action', isDone), ...newest('operation', isTurn)]
    .toSorted((a, b) => b - a)
    .slice(0, most)
    .flatMap((position) => journal.index.entries[position] ?? []);
}

function isDone(entry: JournalEntry): boolean {
  return entry.kind === 'action' && entry.status === 'done' && !READINGS.has(entry.action);
}

/** That an operation has begun, or its state is another; its steps stand in the journal. */
function isTurn(entry: JournalEntry): boolean {
  return entry.kind === 'operation' && (entry.step === null || entry.state !== 'PROCESSING');
}
