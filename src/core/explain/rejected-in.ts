import type { JournalEntry } from '../../protocol/journal.ts';
import { bidInWords, ownBidInWords } from './auction-in-words.ts';
import { figure } from './in-words.ts';
import type { EntryOf } from './journal-index.ts';
import { judgementsIn } from './judgements.ts';
import { sentenceOf } from './sentence.ts';

/** One thing that an entry turns down. */
export interface Rejected {
  readonly agent: string;
  /** What it is about: the same again has the same `about`, whatever the numbers. */
  readonly about: string;
  /** Several entries tell this one decision: it is not made anew by each. */
  readonly once?: true;
  readonly sentence: string;
}

const GOAL_REJECTED = new Set(['deferred', 'inhibited', 'dropped', 'impossible', 'failed', 'expired']);
const BID_REJECTED = new Set(['lost', 'refused', 'late', 'silent', 'not-understood', 'invalid']);

function plansTurnedDown(entry: EntryOf<'plan'>): Rejected[] {
  const { agent, chosen, goalId } = entry;
  return entry.candidates
    .filter((candidate) => candidate.plan !== chosen)
    .map(({ plan, applicable, cost, why }) => {
      const price = cost === null ? 'at a cost that was not stated' : `at a cost of ${figure(cost)}`;
      const how = applicable ? `which would have done ${price}` : 'which did not apply';
      return {
        agent,
        about: `plan ${plan} ${applicable} ${why}`,
        sentence: `${agent} did not choose the plan ${plan} for goal ${goalId}, ${how}${why === '' ? '' : `: ${why}`}; it chose ${chosen}.`,
      };
    });
}

function bidsTurnedDown(entry: EntryOf<'auction'>): Rejected[] {
  const won = entry.bids.find((bid) => bid.bidder === entry.winner);
  const than = won === undefined || won.price === null ? '' : `; ${won.bidder} won at ${figure(won.price)}`;
  return entry.bids
    .filter((bid) => BID_REJECTED.has(bid.outcome))
    .map((bid) => ({
      agent: bid.bidder,
      about: `bid ${entry.auction} ${bid.bidder} ${bid.outcome}`,
      once: true as const,
      sentence: `in the auction of ${entry.agent} for ${entry.goal} (${entry.auction}), ${bidInWords(bid)}${than}.`,
    }));
}

function judged(agent: string, value: unknown): Rejected[] {
  return judgementsIn(value).map(({ subject, verdict, words }) => ({
    agent,
    about: `judged ${subject} ${verdict}`,
    sentence: `${agent} judged ${words}.`,
  }));
}

/** What one journal entry turns down, puts off or lets go; empty for most. */
export function rejectedIn(entry: JournalEntry): readonly Rejected[] {
  const { agent } = entry;
  const whole = (about: string): Rejected[] => [{ agent, about, sentence: sentenceOf(entry) }];
  switch (entry.kind) {
    case 'plan':
      return entry.chosen === null ? whole(`no plan ${entry.goalId}`) : plansTurnedDown(entry);
    case 'goal':
      return GOAL_REJECTED.has(entry.status) ? whole(`goal ${entry.goal} ${entry.status}`) : [];
    case 'auction':
      return entry.status === 'no-bid' || entry.status === 'failed' || entry.status === 'cancelled'
        ? whole(`auction ${entry.auction}`)
        : bidsTurnedDown(entry);
    case 'bid': {
      const sentence = `${ownBidInWords(entry)} in ${entry.auction}: ${entry.reason}.`;
      return entry.verdict === 'refuse'
        ? [{ agent, about: `bid ${entry.auction} ${agent} refused`, once: true, sentence }]
        : [];
    }
    case 'belief': {
      return entry.truth === 'true'
        ? judged(agent, entry.value)
        : whole(`belief ${entry.belief} ${entry.truth}`);
    }
    case 'measurement':
      return judged(agent, entry.values);
    case 'action':
      return entry.status === 'failed' ? whole(`action ${entry.action} ${entry.target}`) : [];
    case 'intention':
      return entry.status === 'failed' || entry.status === 'aborted'
        ? whole(`intention ${entry.intention}`)
        : [];
    case 'operation':
      return entry.state === 'FAILED' || entry.state === 'FAILED_TEMP' || entry.state === 'ROLLED_BACK'
        ? whole(`operation ${entry.operation} ${entry.state}`)
        : [];
    case 'award':
      return entry.status === 'lapsed' || entry.status === 'orphaned' ? whole(`award ${entry.award}`) : [];
    case 'message':
      return entry.direction === 'dropped' || entry.direction === 'refused'
        ? whole(`message ${entry.conversation} ${entry.performative} ${entry.peer}`)
        : [];
    default:
      return [];
  }
}
