import type { JournalEntry } from '../../protocol/journal.ts';

/** Characters of a message that the journal of a network without end is told of. */
const MOST_CHARS = 1000;

/**
 * An entry without what is long in it: in the bargaining for a service every site is told of all chains in every round, and what was
 * bid and refused, with the reasons, stands in the entries of its auctions.
 */
export function inShort(entry: JournalEntry): JournalEntry {
  if (entry.kind !== 'message') return entry;
  const { length } = JSON.stringify(entry.content) ?? '';
  return length <= MOST_CHARS ? entry : { ...entry, content: { leftOut: `${length} characters` } };
}
