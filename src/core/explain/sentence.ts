import type { JournalEntry } from '../../protocol/journal.ts';
import { actionInWords } from './action-in-words.ts';
import { auctionInWords, ownBidInWords } from './auction-in-words.ts';
import { isRecord } from './data-shape.ts';
import { figure, plainText } from './in-words.ts';
import type { EntryOf } from './journal-index.ts';
import { readingInWords, recordInWords, valueInWords } from './values-in-words.ts';

function beliefInWords(entry: EntryOf<'belief'>): string {
  // A reason with numbers says what the value holds, and better.
  const told = entry.value === undefined || entry.value === null || /\d/.test(entry.reason);
  const value = told ? '' : ` (${valueInWords(entry.value)})`;
  const was = entry.was === entry.truth ? '' : `, before: ${entry.was}`;
  const source = entry.source === '' ? '' : `, from ${entry.source}`;
  const says = { true: 'believes', false: 'believes it is not so:', unknown: 'does not know:' }[entry.truth];
  return `${entry.agent} ${says} ${entry.belief}${value}${was}${source}`;
}

function goalInWords(entry: EntryOf<'goal'>): string {
  const verb = {
    generated: 'has a new goal',
    selected: 'took up the goal',
    deferred: 'put off the goal',
    inhibited: 'held back the goal',
    achieved: 'achieved the goal',
    failed: 'failed at the goal',
    impossible: 'gave up as impossible the goal',
    expired: 'ran out of time for the goal',
    dropped: 'dropped the goal',
  }[entry.status];
  return `${entry.agent} ${verb} ${entry.goal} (priority ${figure(entry.priority)})`;
}

function planInWords(entry: EntryOf<'plan'>): string {
  const taken = entry.candidates.find((candidate) => candidate.plan === entry.chosen);
  const cost = taken === undefined || taken.cost === null ? '' : ` at cost ${figure(taken.cost)}`;
  const others = entry.candidates
    .filter((candidate) => candidate.plan !== entry.chosen)
    .map(
      ({ plan, applicable, cost: price, why }) =>
        `${plan} ${applicable ? `would cost ${price === null ? 'nothing stated' : figure(price)}` : 'does not apply'}${why === '' ? '' : `, ${why}`}`,
    );
  const rest = others.length === 0 ? '' : `; not chosen: ${others.join('; ')}`;
  if (entry.chosen === null) return `${entry.agent} found no plan for goal ${entry.goalId}${rest}`;
  return `${entry.agent} chose the plan ${entry.chosen}${cost} for goal ${entry.goalId}${rest}`;
}

function intentionInWords(entry: EntryOf<'intention'>): string {
  const verb = {
    step: 'carried out',
    waiting: 'waits in',
    preempted: 'was interrupted in',
    resumed: 'went on with',
    failed: 'failed in',
    done: 'finished with',
    aborted: 'broke off in',
    retrying: 'tries again',
  }[entry.status];
  return `${entry.agent} ${verb} step ${entry.step} of the plan ${entry.plan}`;
}

/** What a message carries, cut short: "sourceBlockSet: link s4>h1, source 10.0.0.9, 3 more". */
function contentInWords(content: unknown): string {
  if (!isRecord(content)) return '';
  const { type, args } = content;
  const words =
    typeof type === 'string' && isRecord(args)
      ? `${type}: ${recordInWords(args, 3)}`
      : recordInWords(content, 3);
  if (words === '') return '';
  return ` (${words.length > 120 ? `${words.slice(0, 119)}…` : words})`;
}

function messageInWords(entry: EntryOf<'message'>): string {
  const { agent, peer, performative, conversation } = entry;
  const said = {
    sent: `${agent} sent ${performative} to ${peer}`,
    received: `${agent} received ${performative} from ${peer}`,
    dropped: `${agent} dropped ${performative} from ${peer}`,
    refused: `${agent} turned away ${performative} from ${peer}`,
  }[entry.direction];
  return `${said} in conversation ${conversation}${contentInWords(entry.content)}`;
}

function awardInWords(entry: EntryOf<'award'>): string {
  const { agent, goal, holder } = entry;
  switch (entry.status) {
    case 'granted':
      return `${agent} granted ${holder} the standing award for ${goal}`;
    case 'accepted':
      return `${holder} accepted the standing award for ${goal}`;
    case 'released':
      return `${holder} gave back the standing award for ${goal}`;
    case 'lapsed':
      return `the lease of ${holder} for ${goal} lapsed`;
    case 'moved':
      return `the standing award for ${goal} moved to ${holder}`;
    case 'orphaned':
      return `the standing award for ${goal} is left without a holder (last: ${holder})`;
  }
}

function operationInWords({ change, name, operation, state, step }: EntryOf<'operation'>): string {
  const what = `${change} of ${name} (${operation})`;
  const how = state.toLowerCase().replaceAll('_', ' ');
  return step === null ? `${what} is ${how}` : `${what}: the step ${step} has ended, it is ${how}`;
}

function withoutReason(entry: JournalEntry, about: string | null | undefined): string {
  switch (entry.kind) {
    case 'measurement': {
      const values = readingInWords(entry.values, about);
      return `${entry.agent} measured ${entry.subject}${values === '' ? '' : `: ${values}`}`;
    }
    case 'belief':
      return beliefInWords(entry);
    case 'goal':
      return goalInWords(entry);
    case 'plan':
      return planInWords(entry);
    case 'intention':
      return intentionInWords(entry);
    case 'message':
      return messageInWords(entry);
    case 'auction':
      return auctionInWords(entry);
    case 'bid':
      return ownBidInWords(entry);
    case 'award':
      return awardInWords(entry);
    case 'capability':
      return `${entry.agent} ${entry.status} the capability ${entry.capability}`;
    case 'action':
      return actionInWords(entry);
    case 'ledger':
      return `the ledger, block ${entry.block}`;
    case 'phase':
      return entry.step === undefined
        ? `a new phase of the run: ${entry.phase}`
        : `${entry.phase}, after ${((entry.durationMs ?? 0) / 1000).toFixed(1)} s`;
    case 'request':
      return `${entry.caller} asked for ${entry.request}, answered ${entry.status}${entry.location === null ? '' : `, ${entry.location}`}`;
    case 'operation':
      return operationInWords(entry);
    case 'offer':
      return entry.units.length === 0 ? `${entry.name} stays where it is` : `${entry.name} can be improved`;
    case 'fault':
      return entry.fault === 'stop-agent'
        ? `a fault was made: ${entry.fault} ${entry.subject}`
        : `${entry.fault.replaceAll('-', ' ')}: ${entry.subject}`;
  }
}

/** The reason, unless it only says again what the entry says: who spoke to whom, which phase began. */
function reasonOf(entry: JournalEntry): string {
  const reason = entry.reason.trim().replace(/\.$/, '');
  if (entry.kind === 'message' && /^\S+ (to|from) \S+$/.test(reason)) return '';
  if (entry.kind === 'measurement' && entry.subject === reason.replace(/^(\S+) of (\S+)$/, '$1($2)'))
    return '';
  if (entry.kind === 'phase' && reason === entry.phase) return '';
  return reason;
}

/**
 * One plain sentence that says what a journal entry records, with its numbers and, after a dash, its reason. Of a
 * measurement of many addresses it tells the one that it is asked `about`, those with the most SYNs when it is not
 * asked, or, for null, none.
 */
export function sentenceOf(entry: JournalEntry, about?: string | null): string {
  const said = withoutReason(entry, about);
  const reason = reasonOf(entry);
  return plainText(`${said}${reason === '' ? '' : ` — ${reason}`}.`);
}
