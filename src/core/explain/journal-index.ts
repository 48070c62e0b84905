import { MusterError } from '../../protocol/errors.ts';
import type { JournalEntry } from '../../protocol/journal.ts';

/** An entry of one kind. */
export type EntryOf<K extends JournalEntry['kind']> = Extract<JournalEntry, { kind: K }>;

/** A journal prepared for looking things up. */
export interface JournalIndex {
  readonly entries: readonly JournalEntry[];
  readonly byId: ReadonlyMap<string, JournalEntry>;
  /** Auction entries by conversation-id, in the order written. */
  readonly auctions: ReadonlyMap<string, readonly EntryOf<'auction'>[]>;
  /** What each bidder wrote about its own bid, by conversation-id. */
  readonly bids: ReadonlyMap<string, readonly EntryOf<'bid'>[]>;
  readonly awards: ReadonlyMap<string, readonly EntryOf<'award'>[]>;
  readonly messages: ReadonlyMap<string, readonly EntryOf<'message'>[]>;
  /** Actions by rule id. */
  readonly actionsByRule: ReadonlyMap<string, readonly EntryOf<'action'>[]>;
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const held = map.get(key);
  if (held === undefined) map.set(key, [value]);
  else held.push(value);
}

/** An index of a journal that grows. */
export class GrowingIndex implements JournalIndex {
  readonly entries: JournalEntry[] = [];
  readonly byId = new Map<string, JournalEntry>();
  readonly auctions = new Map<string, EntryOf<'auction'>[]>();
  readonly bids = new Map<string, EntryOf<'bid'>[]>();
  readonly awards = new Map<string, EntryOf<'award'>[]>();
  readonly messages = new Map<string, EntryOf<'message'>[]>();
  readonly actionsByRule = new Map<string, EntryOf<'action'>[]>();

  /** Of entries with the same id the first counts. */
  add(entry: JournalEntry): void {
    this.entries.push(entry);
    if (!this.byId.has(entry.id)) this.byId.set(entry.id, entry);
    if (entry.kind === 'auction') push(this.auctions, entry.auction, entry);
    else if (entry.kind === 'bid') push(this.bids, entry.auction, entry);
    else if (entry.kind === 'award') push(this.awards, entry.award, entry);
    else if (entry.kind === 'message') push(this.messages, entry.conversation, entry);
    else if (entry.kind === 'action' && entry.rule !== null) push(this.actionsByRule, entry.rule, entry);
  }
}

/** Indexes a journal; of entries with the same id the first counts. */
export function journalIndex(entries: readonly JournalEntry[]): JournalIndex {
  const index = new GrowingIndex();
  for (const entry of entries) index.add(entry);
  return index;
}

function sharedPrefix(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}

/** Ids that look most like the one asked for: longest common beginning first, then nearest length. */
function nearIds(index: JournalIndex, asked: string, most: number): string[] {
  return [...index.byId.keys()]
    .map((id) => ({ id, shared: sharedPrefix(id, asked), length: Math.abs(id.length - asked.length) }))
    .sort((x, y) => y.shared - x.shared || x.length - y.length)
    .slice(0, most)
    .map(({ id }) => id);
}

/**
 * The entry with this id, or the only one whose id begins with it.
 * @throws MusterError NOT_FOUND naming the candidates when there is none or more than one.
 */
export function entryOf(index: JournalIndex, idOrPrefix: string): JournalEntry {
  const exact = index.byId.get(idOrPrefix);
  if (exact !== undefined) return exact;
  const begun = idOrPrefix === '' ? [] : [...index.byId.keys()].filter((id) => id.startsWith(idOrPrefix));
  const only = begun.length === 1 && begun[0] !== undefined ? index.byId.get(begun[0]) : undefined;
  if (only !== undefined) return only;
  if (begun.length > 1) {
    const more = begun.length > 8 ? `, and ${begun.length - 8} more` : '';
    throw new MusterError('NOT_FOUND', `"${idOrPrefix}" could be ${begun.length} journal entries`, {
      hint: `say which: ${begun.slice(0, 8).join(', ')}${more}`,
    });
  }
  const near = nearIds(index, idOrPrefix, 5);
  throw new MusterError('NOT_FOUND', `no journal entry has the id "${idOrPrefix}"`, {
    hint: near.length === 0 ? 'the journal is empty' : `near it: ${near.join(', ')}`,
  });
}

/** Actions of the run, in the order written. */
export function actionEntries(index: JournalIndex): readonly EntryOf<'action'>[] {
  return index.entries.filter((entry) => entry.kind === 'action');
}
