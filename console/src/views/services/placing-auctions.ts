import type { AuctionRecord } from '../../../../src/core/explain/auction-records.ts';
import { countBefore } from '../../data/count-before.ts';
import type { Journal } from '../../data/journal.ts';
import { recordAt } from '../auctions/auctions.tsx';

/** Auctions in which units of a service were placed before a position of the journal: by unit, the newest first. */
export function placingAuctions(
  journal: Journal,
  end: number,
  service: string,
): ReadonlyMap<string, readonly AuctionRecord[]> {
  const goal = `unitHosted(${service},`;
  const positions = journal.ofKind('auction');
  const names = new Set<string>();
  for (const position of positions.slice(0, countBefore(positions, end))) {
    const entry = journal.index.entries[position];
    if (entry?.kind === 'auction' && entry.goal.startsWith(goal)) names.add(entry.auction);
  }
  const byUnit = new Map<string, AuctionRecord[]>();
  for (const name of [...names].reverse()) {
    const record = recordAt(journal, name, end);
    if (record === undefined) continue;
    const unit = record.goal.slice(goal.length, -1);
    byUnit.set(unit, [...(byUnit.get(unit) ?? []), record]);
  }
  return byUnit;
}
