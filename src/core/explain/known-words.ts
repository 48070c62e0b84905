import type { JournalEntry } from '../../protocol/journal.ts';
import { nearestName } from '../problems/nearest-name.ts';

/** A word of a question that nothing in a run is called, and what may have been meant. */
export interface UnknownWord {
  readonly word: string;
  readonly near: string | undefined;
}

/**
 * The first word that stands nowhere in a run, neither in its scenario nor in its journal; undefined: all do. A word may be part
 * of one in a run (a goal without its arguments), as in `whyNot`.
 */
export function unknownWord(
  journal: readonly JournalEntry[],
  scenario: object,
  words: readonly string[],
): UnknownWord | undefined {
  const known = wordsOf([scenario, ...journal]);
  const lower = new Set([...known].map((each) => each.toLowerCase()));
  for (const word of words.flatMap((each) => each.split(/\s+/)).filter((each) => each !== '')) {
    const wanted = word.toLowerCase();
    if (lower.has(wanted) || (/[^a-z0-9_.:-]/.test(wanted) && holds(journal, wanted))) continue;
    // Few are compared with: those of about its length.
    const alike = [...known].filter((each) => Math.abs(each.length - word.length) <= word.length / 3);
    return { word, near: nearestName(word, alike) };
  }
  return undefined;
}

/** Goals with arguments, links and the like are no single word. */
function holds(journal: readonly JournalEntry[], wanted: string): boolean {
  return journal.some((entry) => JSON.stringify(entry).toLowerCase().includes(wanted));
}

/** Every word in any text of the values, in the order in which they come: names, addresses, ids. */
function wordsOf(values: readonly unknown[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...values].reverse();
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') {
      for (const word of value.match(/[A-Za-z0-9_](?:[\w.:-]*\w)?/g) ?? []) found.add(word);
    } else if (typeof value === 'object' && value !== null) open.push(...Object.values(value));
  }
  return found;
}
