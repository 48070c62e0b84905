import type { BidRecord } from './auction-spec.ts';
import { tieBreak } from './tie-break.ts';

/** What it takes to rank a bid: of an auction that is on, or of one that a journal tells of. */
export interface RankedBid extends Pick<BidRecord, 'outcome' | 'price' | 'validUntilMs'> {
  readonly bidder: string;
}

/** Bids that can be taken now, the best first: by price, then by the hash that nobody can choose. */
export function rankBids<Bid extends RankedBid>(
  bids: readonly Bid[],
  conversationId: string,
  nowMs: number,
): Bid[] {
  return bids
    .filter((each) => each.outcome === 'proposed' && each.validUntilMs >= nowMs)
    .sort(
      (a, b) =>
        (a.price ?? 0) - (b.price ?? 0) ||
        tieBreak(conversationId, a.bidder) - tieBreak(conversationId, b.bidder) ||
        (a.bidder < b.bidder ? -1 : 1),
    );
}

/** In words, why the best bid won over the second. */
export function whyBest(best: BidRecord, second: BidRecord | undefined): string {
  if (second === undefined) return 'the only valid bid';
  const lowest = `lowest price ${best.price?.toFixed(4)}`;
  return second.price === best.price
    ? `${lowest}, tie with ${second.bidder} broken by hash`
    : `${lowest}, next ${second.price?.toFixed(4)} of ${second.bidder}`;
}

/** In words, how the agents that were asked have answered when no bid could be taken. */
export function whyNobody(bids: readonly BidRecord[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of bids) {
    const how = HOW[outcome];
    counts.set(how, (counts.get(how) ?? 0) + 1);
  }
  return `no bid could be taken: ${[...counts].map(([how, count]) => `${count} ${how}`).join(', ')}`;
}

const HOW: Readonly<Record<BidRecord['outcome'], string>> = {
  silent: 'did not answer in time',
  late: 'answered too late',
  lost: 'bid over the reserve price',
  refused: 'refused',
  invalid: 'could not be understood',
  'not-understood': 'could not be understood',
  proposed: 'bid for a time that is over',
  won: 'won',
};
