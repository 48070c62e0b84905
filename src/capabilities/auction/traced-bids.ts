import type { TraceDraft } from '../../core/bdi/trace.ts';
import type { Bid } from '../../core/negotiation/bid.ts';
import type { BundleOffer } from '../../core/negotiation/bundle.ts';
import type { BundleRecord } from '../../core/negotiation/bundle-initiator.ts';
import type { Initiator } from '../../core/negotiation/initiator.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { AuctionedGoal, Cfp } from '../../protocol/contract-net.ts';
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

/** Those of goals auctioned together: the price is that of the offer that was taken, or of the first one. */
export function bundleBids(records: readonly BundleRecord[]): JournalBid[] {
  return records
    .filter((each) => each.messageId !== '')
    .map(({ bidder, state, won, offers, reason }) => ({
      bidder,
      outcome: won ? 'won' : state === 'refused' ? 'refused' : state === 'offered' ? 'proposed' : 'lost',
      price: offers[0]?.price ?? null,
      parts: [],
      reason:
        state === 'refused'
          ? reason
          : offers.map(({ goals, price }) => `{${goals.join()}} at ${price.toFixed(3)}`).join(', '),
    }));
}

/** An agent's own bid, with its parts or why it refuses. */
export function bidDraft(message: AclMessage, cfp: Cfp, bid: Bid): TraceDraft {
  return {
    kind: 'bid',
    auction: message.conversationId,
    goal: cfp.goal.type,
    verdict: bid.kind,
    price: bid.kind === 'propose' ? bid.price : null,
    parts: [...bid.parts],
    reason: bid.kind === 'refuse' ? bid.reason : `can do ${cfp.goal.type}`,
  };
}

/** An agent's own offers for goals auctioned together: a part for each set that it prices. */
export function bundleBidDraft(
  message: AclMessage,
  goals: readonly AuctionedGoal[],
  offers: readonly Omit<BundleOffer, 'bidder'>[],
  leftOut: string,
): TraceDraft {
  const names = (numbers: readonly number[]) =>
    numbers.map((number) => goals[number]?.type ?? '').join(' + ');
  return {
    kind: 'bid',
    auction: message.conversationId,
    goal: goals.map((goal) => goal.type).join(' + '),
    verdict: offers.length === 0 ? 'refuse' : 'propose',
    price: null,
    parts: offers.map((offer) => ({ name: names(offer.goals), value: offer.price })),
    reason: offers.length === 0 ? leftOut : `prices ${offers.length} sets of goals; ${leftOut}`,
  };
}
