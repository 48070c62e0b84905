import type { JournalBid } from '../../protocol/journal.ts';
import type { EntryOf, JournalIndex } from './journal-index.ts';

/** One auction as it looks after its last entry, its bids complete. */
export interface AuctionRecord {
  /** Conversation-id. */
  readonly auction: string;
  readonly goal: string;
  readonly auctioneer: string;
  readonly openedMs: number;
  /** ms of its terminal state; null while it is open. */
  readonly closedMs: number | null;
  readonly status: EntryOf<'auction'>['status'];
  readonly participants: readonly string[];
  /** Cheapest first, then those without a price, by name. */
  readonly bids: readonly JournalBid[];
  readonly winner: string | null;
  readonly reserve: number | null;
  /** Why it ended as it did, or, while it is open, why it was opened. */
  readonly reason: string;
  /** Journal ids of its entries, the oldest first. */
  readonly entryIds: readonly string[];
}

function inOrderOfPrice(a: JournalBid, b: JournalBid): number {
  const price = (a.price ?? Number.POSITIVE_INFINITY) - (b.price ?? Number.POSITIVE_INFINITY);
  if (price !== 0 && !Number.isNaN(price)) return price;
  return a.bidder < b.bidder ? -1 : a.bidder > b.bidder ? 1 : 0;
}

/** The bids as the auctioneer last recorded them; parts and reasons that it was not told come from the bidder's own entry. */
export function completeBids(
  bids: readonly JournalBid[],
  own: readonly EntryOf<'bid'>[],
): readonly JournalBid[] {
  const byBidder = new Map(own.map((entry) => [entry.agent, entry]));
  const complete = bids.map((bid) => {
    const mine = byBidder.get(bid.bidder);
    if (mine === undefined) return bid;
    return {
      ...bid,
      price: bid.price ?? mine.price,
      parts: bid.parts.length > 0 ? bid.parts : mine.parts,
      reason: bid.reason === '' ? mine.reason : bid.reason,
    };
  });
  return complete.sort(inOrderOfPrice);
}

/** Bids of an auction whose entries carry none yet, from what the bidders wrote themselves. */
function bidsOnTheWay(own: readonly EntryOf<'bid'>[]): JournalBid[] {
  return own.map((entry) => ({
    bidder: entry.agent,
    outcome: entry.verdict === 'refuse' ? 'refused' : 'proposed',
    price: entry.price,
    parts: entry.parts,
    reason: entry.reason,
  }));
}

function recordOf(
  entries: readonly EntryOf<'auction'>[],
  own: readonly EntryOf<'bid'>[],
): AuctionRecord | undefined {
  const first = entries[0];
  const last = entries[entries.length - 1];
  if (first === undefined || last === undefined) return undefined;
  const withBids = entries.findLast((entry) => entry.bids.length > 0);
  const withWinner = entries.findLast((entry) => entry.winner !== null);
  const open = last.status === 'opened' || last.status === 'awarded';
  return {
    auction: first.auction,
    goal: first.goal,
    auctioneer: first.agent,
    openedMs: first.tMs,
    closedMs: open ? null : last.tMs,
    status: last.status,
    participants: entries.findLast((entry) => entry.participants.length > 0)?.participants ?? [],
    bids: completeBids(withBids?.bids ?? bidsOnTheWay(own), own),
    winner: last.winner ?? (last.status === 'completed' || open ? (withWinner?.winner ?? null) : null),
    reserve: last.reserve ?? first.reserve,
    reason: (open || last.status === 'completed' ? (withWinner ?? last) : last).reason,
    entryIds: entries.map((entry) => entry.id),
  };
}

/** Every auction of the run, in the order in which they were opened. */
export function auctionRecords(index: JournalIndex): readonly AuctionRecord[] {
  const records: AuctionRecord[] = [];
  for (const [auction, entries] of index.auctions) {
    const record = recordOf(entries, index.bids.get(auction) ?? []);
    if (record !== undefined) records.push(record);
  }
  return records;
}

/** The record of one auction, if there was one under this conversation-id. */
export function auctionRecord(index: JournalIndex, auction: string): AuctionRecord | undefined {
  return recordOf(index.auctions.get(auction) ?? [], index.bids.get(auction) ?? []);
}
