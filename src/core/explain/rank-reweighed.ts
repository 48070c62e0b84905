import type { JournalBid } from '../../protocol/journal.ts';
import { takeProposal } from '../negotiation/auction-spec.ts';
import type { RankedBid } from '../negotiation/rank-bids.ts';
import { rankBids } from '../negotiation/rank-bids.ts';
import type { AuctionRecord } from './auction-records.ts';

/** Bids that came in time and could be read: what was then made of them is decided anew. */
const IN_TIME: ReadonlySet<JournalBid['outcome']> = new Set(['won', 'lost', 'proposed']);

/**
 * Bids that could have won had parts of the price weighed otherwise, the best first: by the rules by which auctions are decided, with
 * their reserve price and their ties. A part without a weight counts as it did, and so does a price whose parts are not known.
 */
export function rankReweighed(
  { auction, bids, reserve }: AuctionRecord,
  weights: Readonly<Record<string, number>>,
): readonly RankedBid[] {
  const reweighed = bids.flatMap((bid): RankedBid[] => {
    if (bid.price === null || !IN_TIME.has(bid.outcome)) return [];
    const more = bid.parts.reduce((sum, { name, value }) => sum + value * ((weights[name] ?? 1) - 1), 0);
    const record = { ...bid, validUntilMs: Number.POSITIVE_INFINITY, messageId: '', commitment: '' };
    takeProposal(record, { ...record, price: bid.price + more }, reserve ?? undefined);
    return [record];
  });
  return rankBids(reweighed, auction, 0);
}
