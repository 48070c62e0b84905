import { countBefore } from '../../data/count-before.ts';
import type { Journal } from '../../data/journal.ts';

/** The auction that has placed something, and the entry that says who won it. */
export interface PlacedBy {
  readonly auction: string;
  readonly entry: string;
  readonly reason: string;
}

/** By what they were held for, the last by then that had a winner; looked for from the newest back until all are found. */
export function auctionsOf(
  journal: Journal,
  end: number,
  goals: ReadonlySet<string>,
): ReadonlyMap<string, PlacedBy> {
  const found = new Map<string, PlacedBy>();
  const positions = journal.ofKind('auction');
  for (let at = countBefore(positions, end) - 1; at >= 0 && found.size < goals.size; at--) {
    const entry = journal.index.entries[positions[at] ?? 0];
    if (entry?.kind !== 'auction' || entry.winner === null || found.has(entry.goal)) continue;
    if (goals.has(entry.goal))
      found.set(entry.goal, { auction: entry.auction, entry: entry.id, reason: entry.reason });
  }
  return found;
}
