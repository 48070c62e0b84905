import type { JournalBid, JournalEntry } from '../../protocol/journal.ts';
import { auctionRecord } from './auction-records.ts';
import { causesOf } from './causes.ts';
import { entryOf, type JournalIndex } from './journal-index.ts';
import { tellingCauses } from './telling-causes.ts';

/**
 * One entry with what it follows from. `again`: it is told earlier in the tree, its causes are not repeated.
 * `deeper`: how many causes were left out because the depth asked for was reached.
 */
export interface WhyNode {
  readonly entry: JournalEntry;
  readonly again: boolean;
  readonly deeper: number;
  /** Every bid of the auction as it ended, losing ones included, at the first of its entries that is told; else empty. */
  readonly bids: readonly JournalBid[];
  readonly causes: readonly WhyNode[];
}

export interface WhyOptions {
  /** Edges to walk at most from the entry asked about; 1000 when absent. */
  readonly depth?: number;
  /** Tell also what only carries a reason on: each step of a plan, each message of an auction, bids that lost. */
  readonly full?: boolean;
}

/**
 * Walks back from an entry to the measurements. Each entry is told once, where it is met first in reading order; the
 * depth bounds the recursion.
 * @throws MusterError NOT_FOUND when no entry, or more than one, has an id that begins so.
 */
export function whyChain(index: JournalIndex, idOrPrefix: string, options: WhyOptions = {}): WhyNode {
  const depth = options.depth ?? 1000;
  const causesTold = options.full === true ? causesOf : tellingCauses;
  const told = new Set<string>();
  const auctionsTold = new Set<string>();
  const bidsTold = (entry: JournalEntry): readonly JournalBid[] => {
    if (entry.kind !== 'auction' || auctionsTold.has(entry.auction)) return [];
    auctionsTold.add(entry.auction);
    return auctionRecord(index, entry.auction)?.bids ?? [];
  };
  const tell = (entry: JournalEntry, level: number): WhyNode => {
    if (told.has(entry.id)) return { entry, again: true, deeper: 0, bids: [], causes: [] };
    told.add(entry.id);
    const causes = causesTold(index, entry);
    const bids = bidsTold(entry);
    if (level >= depth) return { entry, again: false, deeper: causes.length, bids, causes: [] };
    return { entry, again: false, deeper: 0, bids, causes: causes.map((cause) => tell(cause, level + 1)) };
  };
  return tell(entryOf(index, idOrPrefix), 0);
}

/** Every entry of a tree once, the one asked about first. */
export function entriesTold(tree: WhyNode): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  const open: WhyNode[] = [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!node.again) entries.push(node.entry);
    open.push(...[...node.causes].reverse());
  }
  return entries;
}
