import { describe, expect, test } from 'vitest';
import type { JournalBid } from '../../protocol/journal.ts';
import { tieBreak } from '../negotiation/tie-break.ts';
import type { AuctionRecord } from './auction-records.ts';
import { rankReweighed } from './rank-reweighed.ts';

function bid(
  bidder: string,
  load: number,
  distance: number,
  outcome: JournalBid['outcome'] = 'proposed',
): JournalBid {
  const parts = [
    { name: 'load', value: load },
    { name: 'distance', value: distance },
  ];
  return { bidder, outcome, price: load + distance, parts, reason: '' };
}

function auction(bids: readonly JournalBid[], reserve: number | null = null): AuctionRecord {
  return {
    auction: 'a1/c7',
    goal: 'linkRateLimited(s4>h1)',
    auctioneer: 'a1',
    openedMs: 0,
    closedMs: 100,
    status: 'completed',
    participants: bids.map(({ bidder }) => bidder),
    bids,
    winner: null,
    reserve,
    reason: '',
    entryIds: [],
  };
}

const order = (record: AuctionRecord, weights: Readonly<Record<string, number>> = {}) =>
  rankReweighed(record, weights).map(({ bidder, price }) => [bidder, price]);

describe('bids whose parts weigh otherwise', () => {
  test('are ranked by what they would have asked', () => {
    const record = auction([bid('a2', 1, 2, 'won'), bid('a3', 3, 1)]);
    expect(order(record)).toEqual([
      ['a2', 3],
      ['a3', 4],
    ]);
    expect(order(record, { distance: 4 })).toEqual([
      ['a3', 7],
      ['a2', 9],
    ]);
  });

  test('that are equal are told apart by the hash, as in the auction, and not by their names', () => {
    const names = ['a2', 'a3', 'a4', 'a5', 'a6'];
    const byHash = names.toSorted((a, b) => tieBreak('a1/c7', a) - tieBreak('a1/c7', b));
    expect(byHash).not.toEqual(names);
    const record = auction(names.map((name) => bid(name, 1, 1)));
    expect(order(record).map(([name]) => name)).toEqual(byHash);
  });

  test('cannot win when they came too late, were refused, or are over the reserve price', () => {
    const record = auction(
      [bid('a2', 1, 0, 'late'), bid('a3', 2, 0, 'refused'), bid('a4', 6, 3, 'lost'), bid('a5', 5, 2, 'won')],
      8,
    );
    expect(order(record)).toEqual([['a5', 7]]);
    // Nor one that these weights lift over it.
    expect(order(record, { load: 2 })).toEqual([]);
  });
});
