import { actionTarget, textIn } from '../../../core/explain/action-target.ts';
import { bidInWords } from '../../../core/explain/auction-in-words.ts';
import { auctionRecord } from '../../../core/explain/auction-records.ts';
import { plainText } from '../../../core/explain/in-words.ts';
import type { JournalIndex } from '../../../core/explain/journal-index.ts';
import { sentenceOf } from '../../../core/explain/sentence.ts';
import { tellingCauses } from '../../../core/explain/telling-causes.ts';
import { rowAbout } from '../../../core/explain/values-in-words.ts';
import { entriesTold, whyChain } from '../../../core/explain/why-chain.ts';
import type { JournalBid, JournalEntry } from '../../../protocol/journal.ts';

/** An entry as the page holds it: short names, since a run has thousands of them. */
interface PageEntry {
  /** Kind, time in ms, agent, sentence. */
  readonly k: string;
  readonly t: number;
  readonly a: string;
  readonly s: string;
  /** Ids of its causes. */
  readonly c: readonly string[];
  /** Of a reading of many addresses: what it says of those that an action is about. */
  readonly r?: Readonly<Record<string, string>>;
  /** Conversation of an auction, whose bids are in `bids`. */
  readonly b?: string;
}

/** The reasons of every action that fit into a page, and the bids of the auctions among them. */
export interface WhyData {
  readonly entries: Readonly<Record<string, PageEntry>>;
  readonly bids: Readonly<Record<string, readonly string[]>>;
  /** Address or link that an action is about, by the action's id. */
  readonly about: Readonly<Record<string, string>>;
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

function emptyMap<T>(): Record<string, T> {
  // No prototype: an id such as `__proto__` is a name like any other.
  return Object.create(null);
}

/** What a reading of many addresses says of the given ones; undefined when it names none of them. */
function rowsFor(
  entry: JournalEntry,
  addresses: ReadonlySet<string>,
): Readonly<Record<string, string>> | undefined {
  if (entry.kind !== 'measurement') return undefined;
  const rows = emptyMap<string>();
  for (const address of addresses) {
    const row = rowAbout(entry.values, address);
    if (row !== undefined) rows[address] = plainText(row);
  }
  return Object.keys(rows).length === 0 ? undefined : rows;
}

function pageEntry(index: JournalIndex, entry: JournalEntry, addresses: ReadonlySet<string>): PageEntry {
  const rows = rowsFor(entry, addresses);
  // The row of the address that is asked about stands beside it.
  const sentence = rows === undefined ? sentenceOf(entry) : sentenceOf(entry, null);
  const owner = entry.kind === 'action' ? textIn(entry.detail, 'owner') : undefined;
  return {
    k: entry.kind,
    t: Math.round(entry.tMs),
    a: plainText(owner ?? entry.agent),
    s: sentence.length > LONGEST_SENTENCE ? `${sentence.slice(0, LONGEST_SENTENCE)}…` : sentence,
    c: tellingCauses(index, entry).map((cause) => plainText(cause.id)),
    ...(rows === undefined ? {} : { r: rows }),
    ...(entry.kind === 'auction' ? { b: entry.auction } : {}),
  };
}

/** Gathers the chains behind the given entries, each entry once however many chains it is in. */
export function whyData(index: JournalIndex, ids: readonly string[]): WhyData {
  const entries = emptyMap<PageEntry>();
  const bids = emptyMap<readonly string[]>();
  const about = emptyMap<string>();
  const asked = ids.flatMap((id) => index.byId.get(id) ?? []);
  for (const entry of asked) if (entry.kind === 'action') about[plainText(entry.id)] = actionTarget(entry);
  const addresses = new Set(Object.values(about));
  let size = 0;
  let left = 0;
  for (const root of asked) {
    if (size > BUDGET) {
      left++;
      continue;
    }
    for (const entry of entriesTold(whyChain(index, root.id))) {
      const key = plainText(entry.id);
      if (entries[key] !== undefined) continue;
      const made = pageEntry(index, entry, addresses);
      entries[key] = made;
      size += JSON.stringify(made).length + key.length;
      if (entry.kind !== 'auction' || bids[entry.auction] !== undefined) continue;
      const lines = bidLines(auctionRecord(index, entry.auction)?.bids ?? []);
      bids[entry.auction] = lines;
      size += JSON.stringify(lines).length;
    }
  }
  return { entries, bids, about, left };
}
