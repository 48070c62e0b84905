import type { Initiator } from '../../core/negotiation/initiator.ts';
import type { JournalBid } from '../../protocol/journal.ts';

/** The bids as the journal shows them: once there is a winner, proposals that were not taken have lost. */
export function tracedBids(machine: Initiator, status: string): JournalBid[] {
  return machine.bids
    .filter((each) => status !== 'opened' || each.messageId !== '')
    .map(({ bidder, outcome, price, parts, reason }) => ({
      bidder,
      outcome: outcome === 'proposed' && machine.winner !== undefined ? 'lost' : outcome,
      price,
      parts: [...parts],
      reason,
    }));
}
