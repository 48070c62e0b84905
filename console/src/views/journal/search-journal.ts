import type { JournalIndex } from '../../../../src/core/explain/journal-index.ts';
import type { JournalEntry, JournalKind } from '../../../../src/protocol/journal.ts';
import { countBefore } from '../../data/count-before.ts';

/** As many as are looked for; who wants more says more of what they look for. */
export const MOST_FOUND = 2000;

/** Of a journal what it takes to search it. */
export interface Searched {
  readonly index: Pick<JournalIndex, 'entries'>;
  /** Positions of entries, ascending. */
  ofKind(kind: JournalKind): readonly number[];
  ofAgent(agent: string): readonly number[];
}

export interface Wanted {
  readonly text: string;
  readonly kind: string;
  readonly agent: string;
}

/** What is asked about: a question is not looked for word by word. */
export function soughtIn(typed: string): string {
  const bare = typed.trim().replace(/[?\s]+$/, '');
  return bare
    .replace(/^why\b(?!-)\s*/i, '')
    .replace(/^["'“‘«](.*)["'”’»]$/, '$1')
    .replace(/[?\s]+$/, '')
    .trim();
}

const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/;

/**
 * How well a text fits what is looked for: `whole`, where it stands there as a name of its own (10.1.0.14 does not stand in
 * 10.1.0.144, nor shop in shop-2), or a `part` of something, which an address never is. Both in lower case.
 */
export function fitOf(text: string, sought: string): 'whole' | 'part' | undefined {
  let isPart = false;
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
    isPart = true;
    if (endsName(text, at - 1, -1) && endsName(text, at + sought.length, 1)) return 'whole';
  }
  return isPart && !ADDRESS.test(sought) ? 'part' : undefined;
}

/** Whether a name ends before this character: dots and hyphens belong to it where it goes on behind them. */
function endsName(text: string, at: number, step: 1 | -1): boolean {
  const character = text[at] ?? ' ';
  if (/[\p{L}\p{N}_]/u.test(character)) return false;
  return !/[.-]/.test(character) || !/[\p{L}\p{N}_]/u.test(text[at + step] ?? ' ');
}

/**
 * The newest that fit, those first that name what is looked for and not merely something like it; among them actions, where no kind is
 * chosen: mostly one wants to know why something was done.
 */
export function searchJournal(
  journal: Searched,
  end: number,
  { text, kind, agent }: Wanted,
): readonly JournalEntry[] {
  const [whole, parts]: [JournalEntry[], JournalEntry[]] = [[], []];
  const sought = soughtIn(text).toLowerCase();
  const positions =
    kind !== '' ? journal.ofKind(kind as JournalKind) : agent !== '' ? journal.ofAgent(agent) : undefined;
  const from = positions === undefined ? end : countBefore(positions, end);
  for (let at = from - 1; at >= 0 && whole.length < MOST_FOUND; at--) {
    const entry = journal.index.entries[positions === undefined ? at : (positions[at] ?? 0)];
    if (entry === undefined || (agent !== '' && entry.agent !== agent)) continue;
    const fit = sought === '' ? 'whole' : fitOf(textOf(entry), sought);
    if (fit === 'whole') whole.push(entry);
    if (fit === 'part' && parts.length < MOST_FOUND) parts.push(entry);
  }
  const found = sought === '' || kind !== '' ? [whole, parts] : [whole, parts].map(actionsFirst);
  return found.flat().slice(0, MOST_FOUND);
}

function actionsFirst(entries: readonly JournalEntry[]): JournalEntry[] {
  const acts = (entry: JournalEntry) => entry.kind === 'action' && entry.status === 'done';
  return [...entries.filter(acts), ...entries.filter((entry) => !acts(entry))];
}

const texts = new WeakMap<JournalEntry, string>();

function textOf(entry: JournalEntry): string {
  let text = texts.get(entry);
  if (text === undefined) {
    text = JSON.stringify(entry).toLowerCase();
    texts.set(entry, text);
  }
  return text;
}
