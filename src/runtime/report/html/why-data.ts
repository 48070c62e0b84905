import type { JournalBid } from '../../../protocol/journal.ts';
import { auctionRecord } from '../../why/auction-records.ts';
import type { JournalIndex } from '../../why/journal-index.ts';
import { tellingCauses } from '../../why/telling-causes.ts';
import { entriesTold, whyChain } from '../../why/why-chain.ts';
import { bidInWords } from '../auction-in-words.ts';
import { plainText } from '../in-words.ts';
import { sentenceOf } from '../sentence.ts';

/** An entry as the page holds it: short names, since a run has thousands of them. */
interface PageEntry {
  /** Kind, time in ms, agent, sentence. */
  readonly k: string;
  readonly t: number;
  readonly a: string;
  readonly s: string;
  /** Ids of its causes. */
  readonly c: readonly string[];
  /** Conversation of an auction, whose bids are in `bids`. */
  readonly b?: string;
}

/** The reasons of every action that fit into a page, and the bids of the auctions among them. */
export interface WhyData {
  readonly entries: Readonly<Record<string, PageEntry>>;
  readonly bids: Readonly<Record<string, readonly string[]>>;
  /** Actions whose reasons did not fit: `muster why` tells them. */
  readonly left: number;
}

/** Characters of reasons that a page may carry: far below 2 MB together with the rest. */
const BUDGET = 1_100_000;
const LONGEST_SENTENCE = 600;
const MOST_BIDS = 40;

function bidLines(bids: readonly JournalBid[]): readonly string[] {
  const lines = bids.slice(0, MOST_BIDS).map((bid) => plainText(bidInWords(bid)));
  return bids.length > MOST_BIDS ? [...lines, `${bids.length - MOST_BIDS} more bids`] : lines;
}

/** Gathers the chains behind the given entries, each entry once however many chains it is in. */
export function whyData(index: JournalIndex, ids: readonly string[]): WhyData {
  const entries: Record<string, PageEntry> = Object.create(null);
  const bids: Record<string, readonly string[]> = Object.create(null);
  let size = 0;
  let left = 0;
  for (const id of ids) {
    if (!index.byId.has(id)) continue;
    if (size > BUDGET) {
      left++;
      continue;
    }
    for (const entry of entriesTold(whyChain(index, id))) {
      const key = plainText(entry.id);
      if (entries[key] !== undefined) continue;
      const sentence = sentenceOf(entry);
      const causes = tellingCauses(index, entry).map((cause) => plainText(cause.id));
      entries[key] = {
        k: entry.kind,
        t: Math.round(entry.tMs),
        a: plainText(entry.agent),
        s: sentence.length > LONGEST_SENTENCE ? `${sentence.slice(0, LONGEST_SENTENCE)}…` : sentence,
        c: causes,
        ...(entry.kind === 'auction' ? { b: entry.auction } : {}),
      };
      size += Math.min(sentence.length, LONGEST_SENTENCE) + 60 + causes.join().length;
      if (entry.kind === 'auction' && bids[entry.auction] === undefined) {
        const lines = bidLines(auctionRecord(index, entry.auction)?.bids ?? []);
        bids[entry.auction] = lines;
        size += lines.join().length;
      }
    }
  }
  return { entries, bids, left };
}
