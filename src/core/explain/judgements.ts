import { isList, isRecord } from './data-shape.ts';
import { recordInWords } from './values-in-words.ts';

const VERDICT_KEYS = ['verdict', 'judgement', 'class'] as const;
const SUBJECT_KEYS = ['source', 'address', 'target', 'subject'] as const;
const NOT_GUILTY = new Set(['benign', 'no-attack', 'undecided', 'legitimate', 'unknown', 'normal', 'spared']);

function firstText(value: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const held = value[key];
    if (typeof held === 'string') return held;
  }
  return undefined;
}

/** Somebody let off. */
export interface Judgement {
  readonly subject: string;
  readonly verdict: string;
  /** Subject, verdict and the numbers it rests on. */
  readonly words: string;
}

/**
 * Judgements inside a recorded value that let somebody off: every object with a subject (an address) and a verdict such
 * as `benign` or `undecided`, in words "10.0.0.7 benign (syn rate 3, confirmed share 0.9)". Looks at most 4 levels deep.
 */
export function judgementsIn(value: unknown, depth = 4): readonly Judgement[] {
  if (depth === 0) return [];
  if (isList(value)) return value.flatMap((item) => judgementsIn(item, depth - 1));
  if (!isRecord(value)) return [];
  const verdict = firstText(value, VERDICT_KEYS);
  const subject = firstText(value, SUBJECT_KEYS);
  if (verdict !== undefined && subject !== undefined) {
    if (!NOT_GUILTY.has(verdict)) return [];
    const reason = value['reason'];
    if (typeof reason === 'string' && reason !== '')
      return [{ subject, verdict, words: `${subject} ${verdict}: ${reason}` }];
    const named = new Set<string>([...VERDICT_KEYS, ...SUBJECT_KEYS]);
    const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !named.has(key)));
    const numbers = recordInWords(rest, 10);
    return [{ subject, verdict, words: `${subject} ${verdict}${numbers === '' ? '' : ` (${numbers})`}` }];
  }
  return Object.values(value).flatMap((item) => judgementsIn(item, depth - 1));
}
