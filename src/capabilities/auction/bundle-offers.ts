import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { BundleOffer } from '../../core/negotiation/bundle.ts';
import type { AuctionedGoal, Cfp } from '../../protocol/contract-net.ts';
import type { AuctionOptions } from './auction-module.ts';
import type { Assumed } from './work-out-bid.ts';
import { assumedNow, work } from './work-out-bid.ts';

/** Up to so many goals an agent prices every set of them; of more only each alone and all together. */
const EVERY_SUBSET_UP_TO = 5;

type OwnOffer = Omit<BundleOffer, 'bidder'>;

export interface OwnOffers {
  readonly offers: readonly OwnOffer[];
  /** Why sets were left out, set by set, or that none was. */
  readonly leftOut: string;
}

/**
 * What an agent offers for goals auctioned together: for each set that it could do, the sum of its prices for them one by one as if
 * it did the ones before already, so that each further goal pays for the load that it adds, needs its room besides theirs, and the
 * activation of a capability that several of them need is paid once.
 */
export function bundleOffers(
  cfp: Cfp,
  goals: readonly AuctionedGoal[],
  host: NegotiationHost,
  options: AuctionOptions,
  awardsHeld: number,
): OwnOffers {
  const offers: OwnOffer[] = [];
  const reasons: string[] = [];
  const impossible = new Set<number>();
  for (const set of setsOf(goals.length)) {
    // A goal that it cannot do alone it cannot do among others: said once.
    if (set.some((number) => impossible.has(number))) continue;
    const priced = priceOf(set, cfp, goals, host, options, awardsHeld);
    if (typeof priced === 'number') offers.push({ goals: set, price: priced });
    else {
      const [only] = set;
      if (set.length === 1 && only !== undefined) impossible.add(only);
      reasons.push(`not ${set.map((number) => goals[number]?.type ?? number).join(' + ')}: ${priced.reason}`);
    }
  }
  return { offers, leftOut: reasons.length === 0 ? 'no set is left out' : reasons.join('; ') };
}

/** The price of a set, or why it cannot be done. */
function priceOf(
  set: readonly number[],
  cfp: Cfp,
  goals: readonly AuctionedGoal[],
  host: NegotiationHost,
  options: AuctionOptions,
  awardsHeld: number,
): number | { readonly reason: string } {
  let price = 0;
  let assumed: Assumed = assumedNow(host, awardsHeld);
  const activated = new Set<string>();
  for (const number of set) {
    const goal = goals[number];
    if (goal === undefined) return { reason: 'there is no such goal' };
    const { bid, capability, demand } = work({ ...cfp, goal }, host, options, assumed);
    if (bid.kind === 'refuse') return { reason: bid.reason };
    price += bid.price;
    activated.add(capability);
    assumed = {
      awardsHeld: assumed.awardsHeld + 1,
      isActive: (name) => activated.has(name) || host.isActive(name),
      taken: { cpu: assumed.taken.cpu + demand.cpu, memoryGb: assumed.taken.memoryGb + demand.memoryGb },
    };
  }
  return price;
}

/** Sets of goals by their numbers, smaller ones first. */
function setsOf(count: number): readonly (readonly number[])[] {
  const numbers = Array.from({ length: count }, (_, number) => number);
  if (count > EVERY_SUBSET_UP_TO) return [...numbers.map((number) => [number]), numbers];
  const sets = Array.from({ length: (1 << count) - 1 }, (_, at) =>
    numbers.filter((number) => ((at + 1) >> number) & 1),
  );
  return sets.sort((a, b) => a.length - b.length);
}
