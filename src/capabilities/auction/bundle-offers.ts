import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { BundleOffer } from '../../core/negotiation/bundle.ts';
import type { AuctionedGoal, Cfp } from '../../protocol/contract-net.ts';
import type { AuctionOptions } from './auction-module.ts';
import { work } from './work-out-bid.ts';

/** Up to so many goals an agent prices every set of them; of more only each alone and all together. */
const EVERY_SUBSET_UP_TO = 5;

/**
 * What an agent offers for goals auctioned together: for each set that it could do, the sum of its prices for them one by one as if
 * it held the ones before already, so that each further goal pays for the load that it adds; the activation of a capability that
 * several of them need is paid once.
 */
export function bundleOffers(
  cfp: Cfp,
  goals: readonly AuctionedGoal[],
  host: NegotiationHost,
  options: AuctionOptions,
  awardsHeld: number,
): readonly Omit<BundleOffer, 'bidder'>[] {
  const offers: Omit<BundleOffer, 'bidder'>[] = [];
  for (const set of setsOf(goals.length)) {
    const paid = new Set<string>();
    let price = 0;
    let all = true;
    set.forEach((number, done) => {
      const goal = goals[number];
      if (goal === undefined || !all) return;
      const { bid, capability } = work({ ...cfp, goal }, host, options, awardsHeld + done);
      if (bid.kind === 'refuse') {
        all = false;
        return;
      }
      const activation = bid.parts.find((part) => part.name === 'activation')?.value ?? 0;
      price += bid.price - (paid.has(capability) ? activation : 0);
      paid.add(capability);
    });
    if (all) offers.push({ goals: set, price });
  }
  return offers;
}

function setsOf(count: number): readonly (readonly number[])[] {
  const numbers = Array.from({ length: count }, (_, number) => number);
  if (count > EVERY_SUBSET_UP_TO) return [...numbers.map((number) => [number]), numbers];
  return Array.from({ length: (1 << count) - 1 }, (_, at) =>
    numbers.filter((number) => ((at + 1) >> number) & 1),
  );
}
