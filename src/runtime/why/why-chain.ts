import type { JournalBid, JournalEntry } from '../../protocol/journal.ts';
import { auctionRecord } from './auction-records.ts';
import { causesOf } from './causes.ts';
import { entryOf, type JournalIndex } from './journal-index.ts';

/**
 * One entry with what it follows from. `again`: it is told already elsewhere in the tree, its causes are not repeated.
 * `deeper`: how many causes were left out because the depth asked for was reached.
 */
export interface WhyNode {
  readonly entry: JournalEntry;
  readonly again: boolean;
  readonly deeper: number;
  /** Every bid of the auction, losing ones included; empty unless this is an auction that was decided. */
  readonly bids: readonly JournalBid[];
  readonly causes: readonly WhyNode[];
}

export interface WhyOptions {
  /** Edges to walk at most from the entry asked about; 64 when absent. */
  readonly depth?: number;
}

interface Draft {
  readonly entry: JournalEntry;
  readonly again: boolean;
  deeper: number;
  readonly bids: readonly JournalBid[];
  readonly causes: Draft[];
}

function bidsTold(index: JournalIndex, entry: JournalEntry): readonly JournalBid[] {
  if (entry.kind !== 'auction' || entry.status === 'opened') return [];
  const record = auctionRecord(index, entry.auction);
  if (record === undefined || record.bids.length === 0) return entry.bids;
  // Only the entry in which the award was made tells the bids: a later one would repeat them.
  const awarded = index.auctions.get(entry.auction)?.find((one) => one.status === 'awarded');
  return awarded === undefined || awarded.id === entry.id ? record.bids : [];
}

/**
 * Walks back from an entry to the measurements, breadth first, so that each entry is told where it is nearest.
 * @throws MusterError NOT_FOUND when no entry, or more than one, has an id that begins so.
 */
export function whyChain(index: JournalIndex, idOrPrefix: string, options: WhyOptions = {}): WhyNode {
  const depth = options.depth ?? 64;
  const first = entryOf(index, idOrPrefix);
  const told = new Set([first.id]);
  const root: Draft = { entry: first, again: false, deeper: 0, bids: bidsTold(index, first), causes: [] };
  let level: Draft[] = [root];
  for (let walked = 0; level.length > 0; walked++) {
    const next: Draft[] = [];
    for (const draft of level) {
      const causes = causesOf(index, draft.entry);
      if (walked >= depth) {
        draft.deeper = causes.length;
        continue;
      }
      for (const entry of causes) {
        const again = told.has(entry.id);
        told.add(entry.id);
        const child: Draft = {
          entry,
          again,
          deeper: 0,
          bids: again ? [] : bidsTold(index, entry),
          causes: [],
        };
        draft.causes.push(child);
        if (!again) next.push(child);
      }
    }
    level = next;
  }
  return root;
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
