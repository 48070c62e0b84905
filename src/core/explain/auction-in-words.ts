import type { BidPart, JournalBid } from '../../protocol/journal.ts';
import { count, figure, list } from './in-words.ts';
import type { EntryOf } from './journal-index.ts';

/** "cost 0.1 + load 0.211": the parts that add up to a price. */
export function partsInWords(parts: readonly BidPart[]): string {
  return parts.map((part) => `${part.name} ${figure(part.value)}`).join(' + ');
}

const OUTCOMES: Readonly<Record<JournalBid['outcome'], string>> = {
  won: 'won',
  lost: 'lost',
  refused: 'refused',
  late: 'came too late',
  silent: 'never answered',
  'not-understood': 'did not understand the call',
  invalid: 'sent a bid that was not valid',
  proposed: 'bid',
};

/** One bid of an auction with its numbers: "a2 lost at 0.42 (cost 0.2 + load 0.22): reason". */
export function bidInWords(bid: JournalBid): string {
  const price = bid.price === null ? '' : ` at ${figure(bid.price)}`;
  const parts = bid.parts.length === 0 ? '' : ` (${partsInWords(bid.parts)})`;
  const reason = bid.reason === '' ? '' : `: ${bid.reason}`;
  return `${bid.bidder} ${OUTCOMES[bid.outcome]}${price}${parts}${reason}`;
}

function losers(entry: EntryOf<'auction'>): string {
  const others = entry.bids.filter((bid) => bid.bidder !== entry.winner);
  if (others.length === 0) return '';
  const named = others.map((bid) =>
    bid.price === null ? `${bid.bidder} (${OUTCOMES[bid.outcome]})` : `${bid.bidder} at ${figure(bid.price)}`,
  );
  return `; the others: ${list(named, 6)}`;
}

/** What an auction entry says, without its reason. */
export function auctionInWords(entry: EntryOf<'auction'>): string {
  const { agent, goal, winner } = entry;
  const price = entry.bids.find((bid) => bid.bidder === winner)?.price ?? null;
  const at = price === null ? '' : ` at ${figure(price)}`;
  switch (entry.status) {
    case 'opened': {
      const reserve = entry.reserve === null ? '' : `, reserve price ${figure(entry.reserve)}`;
      return `${agent} opened an auction for ${goal} among ${count(entry.participants.length, 'agent')}${reserve}`;
    }
    case 'awarded':
      return `${agent} awarded ${goal} to ${winner ?? 'nobody'}${at}${losers(entry)}`;
    case 'completed':
      return `the auction of ${agent} for ${goal} is completed: ${winner ?? 'the winner'} delivered${at}`;
    case 'no-bid':
      return `the auction of ${agent} for ${goal} ended without a bid that could be taken`;
    case 'failed':
      return `the auction of ${agent} for ${goal} failed`;
    case 'cancelled':
      return `${agent} cancelled the auction for ${goal}`;
  }
}

/** What a bidder's own entry says, without its reason. */
export function ownBidInWords(entry: EntryOf<'bid'>): string {
  if (entry.verdict === 'refuse') return `${entry.agent} refused to bid for ${entry.goal}`;
  const price = entry.price === null ? '' : ` ${figure(entry.price)}`;
  const parts = entry.parts.length === 0 ? '' : ` (${partsInWords(entry.parts)})`;
  return `${entry.agent} bid${price} for ${entry.goal}${parts}`;
}
