import type { JournalEntry } from '../../protocol/journal.ts';
import { bidInWords, ownBidInWords } from '../report/auction-in-words.ts';
import { figure, plainText } from '../report/in-words.ts';
import { sentenceOf } from '../report/sentence.ts';
import { judgementsIn } from './judgements.ts';

/** Something that was not done, and why. */
export interface Rejection {
  /** Journal id of the entry that says so: `muster why <id>` goes on from here. */
  readonly id: string;
  readonly tMs: number;
  readonly agent: string;
  /** What was rejected, with the numbers. */
  readonly sentence: string;
  /** How often in a row the same was decided about it; `tMs` is the first time. */
  readonly times: number;
  readonly lastMs: number;
}

type Told = Pick<Rejection, 'agent' | 'sentence'>;

const GOAL_REJECTED = new Set(['deferred', 'inhibited', 'dropped', 'impossible', 'failed', 'expired']);
const BID_REJECTED = new Set(['lost', 'refused', 'late', 'silent', 'not-understood', 'invalid']);

function rejectedIn(entry: JournalEntry): Told[] {
  const { agent } = entry;
  const whole: Told[] = [{ agent, sentence: sentenceOf(entry) }];
  switch (entry.kind) {
    case 'plan':
      if (entry.chosen === null) return whole;
      return entry.candidates
        .filter((candidate) => candidate.plan !== entry.chosen)
        .map(({ plan, applicable, cost, why }) => ({
          agent,
          sentence: `${agent} did not choose the plan ${plan} for goal ${entry.goalId}, ${
            applicable
              ? `which would have cost ${cost === null ? 'an unknown amount' : figure(cost)}`
              : 'which did not apply'
          }${why === '' ? '' : `: ${why}`}; it chose ${entry.chosen}.`,
        }));
    case 'goal':
      return GOAL_REJECTED.has(entry.status) ? whole : [];
    case 'auction': {
      if (entry.status === 'no-bid' || entry.status === 'failed' || entry.status === 'cancelled')
        return whole;
      const won = entry.bids.find((bid) => bid.bidder === entry.winner);
      const than =
        won === undefined || won.price === null ? '' : `; ${won.bidder} won at ${figure(won.price)}`;
      return entry.bids
        .filter((bid) => BID_REJECTED.has(bid.outcome))
        .map((bid) => ({
          agent: bid.bidder,
          sentence: `in the auction of ${agent} for ${entry.goal} (${entry.auction}), ${bidInWords(bid)}${than}.`,
        }));
    }
    case 'bid':
      return entry.verdict === 'refuse'
        ? [{ agent, sentence: `${ownBidInWords(entry)} in ${entry.auction}: ${entry.reason}.` }]
        : [];
    case 'belief':
      return [
        ...(entry.truth === 'true' ? [] : whole),
        ...judgementsIn(entry.value).map((said) => ({ agent, sentence: `${agent} judged ${said}.` })),
      ];
    case 'measurement':
      return judgementsIn(entry.values).map((said) => ({ agent, sentence: `${agent} judged ${said}.` }));
    case 'action':
      return entry.status === 'failed' ? whole : [];
    case 'intention':
      return entry.status === 'failed' || entry.status === 'aborted' ? whole : [];
    case 'award':
      return entry.status === 'lapsed' || entry.status === 'orphaned' ? whole : [];
    case 'message':
      return entry.direction === 'dropped' || entry.direction === 'refused' ? whole : [];
    default:
      return [];
  }
}

/** Does the text hold the word as a whole, so that 10.0.0.1 is not found in 10.0.0.12? */
function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = text.slice(Math.max(0, at - 1), at);
    const after = text.slice(at + word.length, at + word.length + 2);
    if (!/[a-z0-9]/.test(before) && !/^[a-z0-9]|^\.[0-9]/.test(after)) return true;
  }
  return false;
}

/**
 * What was rejected about a subject, the oldest first: plans that did not apply, goals held back or dropped, bids
 * refused or lost, sources judged benign or left undecided. Every word must be in what is told, as a whole word.
 */
export function whyNot(journal: readonly JournalEntry[], ...words: readonly string[]): readonly Rejection[] {
  const wanted = words.flatMap((word) => word.toLowerCase().split(/\s+/)).filter((word) => word !== '');
  const found: Rejection[] = [];
  const lastOf = new Map<string, number>();
  for (const entry of journal) {
    for (const { agent, sentence } of rejectedIn(entry)) {
      const haystack = `${entry.id} ${entry.kind} ${agent} ${sentence}`.toLowerCase();
      if (!wanted.every((word) => holdsWord(haystack, word))) continue;
      // Told again with other numbers, it is still the same rejection: keep the newest numbers, count the times.
      const same = `${entry.kind}|${agent}|${sentence.replace(/\d+(\.\d+)*(?= )/g, '#').slice(0, 160)}`;
      const at = lastOf.get(same);
      const before = at === undefined ? undefined : found[at];
      if (at !== undefined && before !== undefined && sentence === before.sentence) {
        found[at] = { ...before, times: before.times + 1, lastMs: entry.tMs };
        continue;
      }
      lastOf.set(same, found.length);
      found.push({
        id: entry.id,
        tMs: entry.tMs,
        agent,
        sentence: plainText(sentence),
        times: 1,
        lastMs: entry.tMs,
      });
    }
  }
  return found;
}
