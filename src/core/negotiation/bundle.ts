import { tieBreak } from './tie-break.ts';

/** Goals that are auctioned together at most: the exact solution looks at every subset of them. */
export const MAX_BUNDLE = 12;

/** A price for reaching all goals of a set, by their numbers. Of one bidder's offers at most one is taken. */
export interface BundleOffer {
  readonly bidder: string;
  readonly goals: readonly number[];
  readonly price: number;
}

export type BundleSolution =
  | { readonly ok: true; readonly taken: readonly BundleOffer[]; readonly price: number }
  | { readonly ok: false; readonly reason: string };

/**
 * The cheapest way to give every goal to exactly one bidder, each bidder by one of its offers (XOR bids), exactly: dynamic
 * programming over subsets of goals, bidder after bidder, in O(2^goals x offers). Equal prices are told apart by a hash of
 * conversation and bidder, so that no bidder always wins.
 */
export function solveBundle(
  conversationId: string,
  goalCount: number,
  offers: readonly BundleOffer[],
): BundleSolution {
  if (goalCount < 1 || goalCount > MAX_BUNDLE) {
    return { ok: false, reason: `1 to ${MAX_BUNDLE} goals can be auctioned together, not ${goalCount}` };
  }
  const all = (1 << goalCount) - 1;
  let best = new Map<number, Cover>([[0, { price: 0, lots: 0, taken: [] }]]);
  for (const [bidder, own] of byBidder(offers)) {
    const next = new Map(best);
    for (const offer of own) {
      const mask = maskOf(offer.goals, goalCount);
      if (mask === 0 || !(offer.price >= 0)) continue;
      for (const [covered, cover] of best) {
        if ((covered & mask) !== 0) continue;
        const found = {
          price: cover.price + offer.price,
          lots: cover.lots + tieBreak(conversationId, bidder),
          taken: [...cover.taken, offer],
        };
        const known = next.get(covered | mask);
        if (known === undefined || isBetter(found, known)) next.set(covered | mask, found);
      }
    }
    best = next;
  }
  const solution = best.get(all);
  return solution === undefined
    ? { ok: false, reason: 'no set of offers reaches every goal' }
    : { ok: true, taken: solution.taken, price: solution.price };
}

interface Cover {
  readonly price: number;
  readonly lots: number;
  readonly taken: readonly BundleOffer[];
}

function isBetter(a: Cover, b: Cover): boolean {
  return a.price < b.price - 1e-12 || (a.price <= b.price + 1e-12 && a.lots < b.lots);
}

function byBidder(offers: readonly BundleOffer[]): ReadonlyMap<string, readonly BundleOffer[]> {
  const own = new Map<string, BundleOffer[]>();
  for (const offer of [...offers].sort((a, b) => (a.bidder < b.bidder ? -1 : 1))) {
    const list = own.get(offer.bidder);
    if (list === undefined) own.set(offer.bidder, [offer]);
    else list.push(offer);
  }
  return own;
}

/** 0: names no goal, one twice, or one that there is not. */
function maskOf(goals: readonly number[], count: number): number {
  let mask = 0;
  for (const goal of goals) {
    const bit = 1 << goal;
    if (!Number.isInteger(goal) || goal < 0 || goal >= count || (mask & bit) !== 0) return 0;
    mask |= bit;
  }
  return mask;
}
