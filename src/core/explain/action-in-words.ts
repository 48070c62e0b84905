import { actionTarget, textIn } from './action-target.ts';
import { isList, isRecord } from './data-shape.ts';
import { rate, span } from './in-words.ts';
import type { EntryOf } from './journal-index.ts';

type Action = EntryOf<'action'>;

function amount(detail: Action['detail'], name: string): number | undefined {
  const value = detail[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Verb, past tense, past participle and object of a command: "limit", "limited", "limited", "link s4>h1". */
interface Phrase {
  readonly verb: string;
  readonly past: string;
  readonly participle: string;
  readonly object: string;
}

function regular(verb: string, past: string, object: string): Phrase {
  return { verb, past, participle: past, object };
}

/** What is read: "link-load of s4>h1". */
function queryInWords(detail: Action['detail']): string {
  const query = detail['query'];
  if (!isRecord(query)) return 'something';
  const of = textIn(query, 'target') ?? textIn(query, 'link');
  return `${textIn(query, 'kind') ?? 'something'}${of === undefined ? '' : ` of ${of}`}`;
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
      return regular('limit', 'limited', `link ${target}${to}`);
    case 'limit-target':
      return regular('limit', 'limited', `what goes to ${target}${on}${to}`);
    case 'limit-flow':
      return regular('limit', 'limited', `the flow ${target}${on}${to}`);
    case 'block-source':
      return regular('block', 'blocked', `source ${target}${on}${during}`);
    case 'confirm-sources': {
      const sources = detail['sources'];
      const n = isList(sources) ? `${sources.length} ` : '';
      return regular('spare', 'spared', `the ${n}confirmed sources on ${target}${during}`);
    }
    case 'remove-rule':
      return regular('lift', 'lifted', `rule ${target}`);
    case 'adopt-rules':
      return {
        verb: 'take over',
        past: 'took over',
        participle: 'taken over',
        object: `the rules of award ${target}`,
      };
    case 'place-function':
      return regular('place', 'placed', `the function ${textIn(detail, 'name') ?? target}`);
    case 'watch':
      return regular('keep reading', 'kept reading', queryInWords(detail));
    case 'unwatch':
      return regular('stop reading', 'stopped reading', queryInWords(detail));
    case 'measure':
      return { verb: 'read', past: 'read', participle: 'read', object: queryInWords(detail) };
    default:
      return {
        verb: `do ${action} on`,
        past: `did ${action} on`,
        participle: `handled by ${action}`,
        object: target,
      };
  }
}

/** The runtime itself records what became of an action. */
const RUNTIME = 'muster';

/** What an action entry says, without its reason: "a3 limited link s4>h1 to 300 KB/s". */
export function actionInWords(entry: Action): string {
  const { verb, past, participle, object } = phraseOf(entry);
  const who = textIn(entry.detail, 'owner') ?? entry.agent;
  switch (entry.status) {
    case 'requested':
      return `${who} asked the data plane to ${verb} ${object}`;
    case 'done':
      return who === RUNTIME ? `done: ${object} ${participle}` : `${who} ${past} ${object}`;
    case 'failed':
      return who === RUNTIME ? `failed: ${object} not ${participle}` : `${who} could not ${verb} ${object}`;
    case 'expired':
      return `this rule of ${who} ran out: ${verb} ${object}`;
  }
}
