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
 * programming over subsets of goals, bidder after bidder (the winner determination of combinatorial auctions). With g goals it takes
 * O(g 3^g) however many offers there are, since of those for one set only the g best bidders' can matter. Equal prices are told
 * apart by a hash of conversation and bidder, so that no bidder always wins.
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
  let best: (Cover | undefined)[] = Array.from({ length: all + 1 });
  best[0] = { price: 0, lots: 0, last: undefined, before: undefined };
  for (const own of byBidder(worthLookingAt(lotsOf(conversationId, goalCount, offers), goalCount))) {
    const next = best.slice();
    for (const lot of own) {
      const rest = all & ~lot.mask;
      // Every set of goals that this offer leaves over, the empty one last.
      for (let covered = rest; ; covered = (covered - 1) & rest) {
        const cover = best[covered];
        if (cover !== undefined) keepBetter(next, covered | lot.mask, cover, lot);
        if (covered === 0) break;
      }
    }
    best = next;
  }
  const solution = best[all];
  return solution === undefined
    ? { ok: false, reason: 'no set of offers reaches every goal' }
    : { ok: true, taken: takenIn(solution), price: solution.price };
}

/** An offer that can be read, with its set of goals as bits and the number that its bidder drew. */
interface Lot {
  readonly offer: BundleOffer;
  readonly mask: number;
  readonly draw: number;
}

/** The cheapest way found to reach a set of goals: its last offer and the way before it. */
interface Cover {
  readonly price: number;
  readonly lots: number;
  readonly last: BundleOffer | undefined;
  readonly before: Cover | undefined;
}

function lotsOf(conversationId: string, goalCount: number, offers: readonly BundleOffer[]): Lot[] {
  const draws = new Map<string, number>();
  return offers.flatMap((offer) => {
    const mask = maskOf(offer.goals, goalCount);
    if (mask === 0 || !(offer.price >= 0)) return [];
    const draw = draws.get(offer.bidder) ?? tieBreak(conversationId, offer.bidder);
    draws.set(offer.bidder, draw);
    return [{ offer, mask, draw }];
  });
}

/**
 * Of the offers for one set of goals, the best of each of the g best bidders: a solution has at most g bidders, so it could have
 * another one's offer replaced by one of these, at no higher price.
 */
function worthLookingAt(lots: readonly Lot[], goalCount: number): readonly Lot[] {
  const bySet = new Map<number, Lot[]>();
  for (const lot of [...lots].sort(byPrice)) {
    const list = bySet.get(lot.mask) ?? [];
    if (list.length === goalCount || list.some((each) => each.offer.bidder === lot.offer.bidder)) continue;
    list.push(lot);
    bySet.set(lot.mask, list);
  }
  return [...bySet.values()].flat();
}

function byPrice(a: Lot, b: Lot): number {
  return a.offer.price - b.offer.price || a.draw - b.draw || byName(a.offer.bidder, b.offer.bidder);
}

function byName(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function byBidder(lots: readonly Lot[]): readonly (readonly Lot[])[] {
  const own = new Map<string, Lot[]>();
  for (const lot of [...lots].sort((a, b) => byName(a.offer.bidder, b.offer.bidder) || a.mask - b.mask)) {
    const list = own.get(lot.offer.bidder);
    if (list === undefined) own.set(lot.offer.bidder, [lot]);
    else list.push(lot);
  }
  return [...own.values()];
}

/** Prices are sums in an order that depends on the way: what differs by rounding alone is equal. */
function keepBetter(covers: (Cover | undefined)[], set: number, before: Cover, lot: Lot): void {
  const price = before.price + lot.offer.price;
  const lots = before.lots + lot.draw;
  const known = covers[set];
  if (known !== undefined) {
    const cheaper = price < known.price - 1e-12;
    const equal = price <= known.price + 1e-12;
    if (!cheaper && !(equal && lots < known.lots)) return;
  }
  covers[set] = { price, lots, last: lot.offer, before };
}

function takenIn(solution: Cover): readonly BundleOffer[] {
  const taken: BundleOffer[] = [];
  for (let cover: Cover | undefined = solution; cover !== undefined; cover = cover.before) {
    if (cover.last !== undefined) taken.push(cover.last);
  }
  return taken.reverse();
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
