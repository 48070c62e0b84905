import type { EntryOf } from '../../../core/explain/journal-index.ts';
import type { JournalEntry } from '../../../protocol/journal.ts';

/** Who holds which standing award at a moment. */
export interface Holding {
  readonly award: string;
  readonly goal: string;
  readonly holder: string;
}

/** The standing awards that are held after all entries up to and including a place in the journal. */
export function holdings(
  journal: readonly JournalEntry[],
  upTo = journal.length,
): ReadonlyMap<string, Holding> {
  const held = new Map<string, Holding>();
  for (const entry of journal.slice(0, upTo)) {
    if (entry.kind !== 'award') continue;
    const { award, goal, holder, status } = entry;
    if (status === 'granted' || status === 'accepted' || status === 'moved')
      held.set(award, { award, goal, holder });
    else if (held.get(award)?.holder === holder) held.delete(award);
  }
  return held;
}

/** Agents that were stopped by a fault, and where in the journal. */
export function stops(
  journal: readonly JournalEntry[],
): readonly { readonly at: number; readonly entry: EntryOf<'fault'> }[] {
  return journal.flatMap((entry, at) =>
    entry.kind === 'fault' && entry.fault === 'stop-agent' ? [{ at, entry }] : [],
  );
}

/** Is the goal of this type, with or without its arguments? */
export function isOfType(goal: string, type: string): boolean {
  return goal === type || goal.startsWith(`${type}(`);
}

/** Are the two the same goal, as far as they tell? An award may name the type alone. */
export function isSameGoal(one: string, other: string): boolean {
  return one === other || isOfType(one, other) || isOfType(other, one);
}

/** Goals of auctions that an agent has won by a place in the journal without having delivered yet. */
export function promised(journal: readonly JournalEntry[], agent: string, upTo: number): readonly string[] {
  const open = new Map<string, string>();
  for (const entry of journal.slice(0, upTo)) {
    if (entry.kind !== 'auction') continue;
    if (entry.status === 'awarded' && entry.winner === agent) open.set(entry.auction, entry.goal);
    else open.delete(entry.auction);
  }
  return [...open.values()];
}
