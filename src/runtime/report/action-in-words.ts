import type { EntryOf } from '../why/journal-index.ts';
import { actionTarget, textIn } from './action-target.ts';
import { rate, span } from './in-words.ts';

type Action = EntryOf<'action'>;

function amount(detail: Action['detail'], name: string): number | undefined {
  const value = detail[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Verb in its three forms and the object of a command: "limit", "limited", "limiting". */
interface Phrase {
  readonly verb: string;
  readonly past: string;
  readonly object: string;
}

function phraseOf(entry: Action): Phrase {
  const { action, detail } = entry;
  const target = actionTarget(entry);
  const link = textIn(detail, 'link');
  const limit = amount(detail, 'rateBytesPerSec');
  const ttl = amount(detail, 'ttlMs');
  const to = limit === undefined ? '' : ` to ${rate(limit)}`;
  const on = link === undefined || link === target ? '' : ` on ${link}`;
  const during = ttl === undefined ? '' : ` for ${span(ttl)}`;
  switch (action) {
    case 'limit-link':
      return { verb: 'limit', past: 'limited', object: `link ${target}${to}` };
    case 'limit-target':
      return { verb: 'limit', past: 'limited', object: `what goes to ${target}${on}${to}` };
    case 'limit-flow':
      return { verb: 'limit', past: 'limited', object: `the flow ${target}${on}${to}` };
    case 'block-source':
      return { verb: 'block', past: 'blocked', object: `source ${target}${on}${during}` };
    case 'confirm-sources':
      return { verb: 'spare', past: 'spared', object: `the confirmed sources on ${target}${during}` };
    case 'remove-rule':
      return { verb: 'lift', past: 'lifted', object: `rule ${target}` };
    case 'adopt-rules':
      return { verb: 'take over', past: 'took over', object: `the rules of award ${target}` };
    default:
      return { verb: `do ${action} on`, past: `did ${action} on`, object: target };
  }
}

/** What an action entry says, without its reason: "a3 limited link s4>h1 to 300 KB/s". */
export function actionInWords(entry: Action): string {
  const { verb, past, object } = phraseOf(entry);
  switch (entry.status) {
    case 'requested':
      return `${entry.agent} asked the data plane to ${verb} ${object}`;
    case 'done':
      return `${entry.agent} ${past} ${object}`;
    case 'failed':
      return `${entry.agent} could not ${verb} ${object}`;
    case 'expired':
      return `the time of this rule of ${entry.agent} ran out: ${verb} ${object}`;
  }
}
