import type { JournalEntry } from '../../protocol/journal.ts';
import { moment, plainText } from './in-words.ts';
import { rejectedIn } from './rejected-in.ts';

/** Something that was not done, and why. */
export interface Rejection {
  /** Journal id of the newest entry that says so: `muster why <id>` goes on from there. */
  readonly id: string;
  readonly agent: string;
  /** What was rejected, with the newest numbers. */
  readonly sentence: string;
  /** How often it was decided so, and when for the first and the last time. */
  readonly times: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Does the text hold the word as a whole, so that 10.0.0.1 is not found in 10.0.0.12? */
function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = text.slice(Math.max(0, at - 2), at);
    const after = text.slice(at + word.length, at + word.length + 2);
    if (!/[a-z0-9]$|[0-9]\.$/.test(before) && !/^[a-z0-9]|^\.[0-9]/.test(after)) return true;
  }
  return false;
}

/**
 * What was rejected about a subject, in the order first decided: plans that did not apply, goals held back or dropped,
 * bids refused or lost, sources judged benign or left undecided. Every word must stand in what is told, as a whole
 * word (an address, an agent, a goal, an auction); the same decision made again is counted, not repeated.
 */
export function whyNot(journal: readonly JournalEntry[], ...words: readonly string[]): readonly Rejection[] {
  const wanted = words.flatMap((word) => word.toLowerCase().split(/\s+/)).filter((word) => word !== '');
  const found = new Map<string, Rejection>();
  for (const entry of journal) {
    for (const { agent, about, once, sentence } of rejectedIn(entry)) {
      const told = `${entry.id} ${entry.kind} ${agent} ${sentence}`.toLowerCase();
      if (!wanted.every((word) => holdsWord(told, word))) continue;
      const key = `${agent}|${about}`;
      const before = found.get(key);
      found.set(key, {
        id: entry.id,
        agent,
        sentence: plainText(sentence),
        times: before === undefined ? 1 : before.times + (once ? 0 : 1),
        firstMs: before?.firstMs ?? entry.tMs,
        lastMs: once ? (before?.lastMs ?? entry.tMs) : entry.tMs,
      });
    }
  }
  return [...found.values()];
}

/** The rejections as lines for the terminal; one line saying so when there is none. */
export function renderWhyNot(rejections: readonly Rejection[], ...words: readonly string[]): string[] {
  if (rejections.length === 0) {
    return [plainText(`Nothing about "${words.join(' ')}" was rejected in this run.`)];
  }
  return rejections.map(({ id, sentence, times, firstMs, lastMs }) => {
    const when = times === 1 ? moment(firstMs) : `${moment(firstMs)} to ${moment(lastMs)}, ${times} times`;
    return `[${plainText(id)}] ${when}  ${sentence}`;
  });
}
