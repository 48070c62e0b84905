import { HttpProblem } from './http-problem.ts';

type Operator = 'eq' | 'neq' | 'gt' | 'lt' | 'gte' | 'lte' | 'cont' | 'ncont' | 'in' | 'nin';
const OPERATORS: readonly string[] = ['eq', 'neq', 'gt', 'lt', 'gte', 'lte', 'cont', 'ncont', 'in', 'nin'];
const MOST_CHARS = 4096;
const MOST_PARTS = 20;

export interface FilterPart {
  readonly operator: Operator;
  readonly attribute: readonly string[];
  readonly values: readonly string[];
}

/**
 * Reads an attribute filter: `(eq,nsState,INSTANTIATED);(in,nsdId,a,b)` (ETSI GS NFV-SOL 013 clause 5.2). Of lists on the way to an
 * attribute one element has to fit. A value may stand in `'quotes'`, a quote within it doubled.
 */
export function parseFilter(text: string): readonly FilterPart[] {
  if (text.length > MOST_CHARS) throw bad(`it is longer than ${MOST_CHARS} characters`);
  const parts: FilterPart[] = [];
  let at = 0;
  while (at < text.length) {
    if (parts.length > 0) {
      if (text[at] !== ';') throw bad(`a ; is missing at character ${at + 1}`);
      at++;
    }
    if (text[at] !== '(') throw bad(`a ( is missing at character ${at + 1}`);
    const { words, end } = readWords(text, at + 1);
    at = end;
    parts.push(partOf(words));
    if (parts.length > MOST_PARTS) throw bad(`it has more than ${MOST_PARTS} parts`);
  }
  return parts;
}

function readWords(text: string, from: number): { readonly words: readonly string[]; readonly end: number } {
  const words: string[] = [];
  let word = '';
  let at = from;
  while (at < text.length) {
    const char = text[at];
    if (char === "'" && word === '') {
      const quoted = /^'((?:[^']|'')*)'(?=[,)])/.exec(text.slice(at));
      if (quoted === null) throw bad(`the quote at character ${at + 1} is not closed`);
      word = (quoted[1] ?? '').replaceAll("''", "'");
      at += quoted[0].length;
      continue;
    }
    at++;
    if (char !== ',' && char !== ')') {
      word += char;
      continue;
    }
    words.push(word);
    word = '';
    if (char === ')') return { words, end: at };
  }
  throw bad('a ) is missing at its end');
}

function partOf([operator = '', attribute = '', ...values]: readonly string[]): FilterPart {
  if (!isOperator(operator)) throw bad(`${operator.slice(0, 50)} is none of ${OPERATORS.join(', ')}`);
  if (attribute === '') throw bad('an attribute is missing');
  const many = operator === 'in' || operator === 'nin' || operator === 'cont' || operator === 'ncont';
  if (values.length === 0 || (values.length > 1 && !many)) {
    throw bad(`${operator} takes ${many ? 'a value or several' : 'one value'}`);
  }
  return { operator, attribute: attribute.split('/'), values };
}

function isOperator(text: string): text is Operator {
  return OPERATORS.includes(text);
}

/** Whether a thing fits all parts. */
export function fits(thing: unknown, parts: readonly FilterPart[]): boolean {
  return parts.every((part) => fitsPart(valuesAt(thing, part.attribute), part));
}

function fitsPart(found: readonly string[], { operator, values }: FilterPart): boolean {
  const [value = ''] = values;
  switch (operator) {
    case 'eq':
      return found.some((each) => each === value);
    case 'neq':
      return found.every((each) => each !== value);
    case 'in':
      return found.some((each) => values.includes(each));
    case 'nin':
      return found.every((each) => !values.includes(each));
    case 'cont':
      return found.some((each) => values.some((part) => each.includes(part)));
    case 'ncont':
      return found.every((each) => values.every((part) => !each.includes(part)));
    case 'gt':
      return found.some((each) => order(each, value) > 0);
    case 'lt':
      return found.some((each) => order(each, value) < 0);
    case 'gte':
      return found.some((each) => order(each, value) >= 0);
    case 'lte':
      return found.some((each) => order(each, value) <= 0);
    default:
      return operator satisfies never;
  }
}

/** Numbers as numbers, anything else as text: times are written so that this is their order. */
function order(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (a !== '' && b !== '' && Number.isFinite(x) && Number.isFinite(y)) return x - y;
  return a < b ? -1 : a > b ? 1 : 0;
}

function valuesAt(thing: unknown, path: readonly string[]): readonly string[] {
  if (Array.isArray(thing)) return thing.flatMap((each) => valuesAt(each, path));
  const [name, ...rest] = path;
  if (name === undefined) return thing === null || typeof thing === 'object' ? [] : [String(thing)];
  if (typeof thing !== 'object' || thing === null || !Object.hasOwn(thing, name)) return [];
  return valuesAt(Reflect.get(thing, name), rest);
}

function bad(reason: string): HttpProblem {
  return new HttpProblem({
    status: 400,
    reason: `the filter cannot be read: ${reason}`,
    hint: 'write ?filter=(eq,nsState,INSTANTIATED), several with ; between them',
  });
}
