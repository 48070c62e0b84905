/** What stands for values that JSON has no word for; a key of a record that begins like it gets one `$` more. */
const MARK = '$';
const UNDEFINED = '{"$":"undefined"}';

/**
 * A value as JSON from which `parseExact` makes the same value again, order of keys included: also infinite and negative zero
 * numbers, big integers, maps, sets, bytes, and holes in lists. Fields that are undefined are left out. `sorted`: keys and members in order instead, so
 * that values that differ in nothing else have one text. Throws RangeError for what is no plain data.
 */
export function exactText(value: unknown, sorted = false): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : `{"$":"${nameOf(value)}"}`;
    case 'undefined':
      return UNDEFINED;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return listText(value, sorted);
      if (value instanceof Map) return `{"$":"map","of":${listText([...value], sorted)}}`;
      if (value instanceof Uint8Array) return `{"$":"bytes","of":${listText([...value], sorted)}}`;
      if (value instanceof Set) return `{"$":"set","of":${listText([...value], sorted)}}`;
      return recordText(value, sorted);
    case 'bigint':
      return `{"$":"bigint","of":["${value}"]}`;
    default:
      throw new RangeError(`a ${typeof value} has no exact text`);
  }
}

function nameOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function listText(list: readonly unknown[], sorted: boolean): string {
  let text = '[';
  for (let i = 0; i < list.length; i++)
    text += i === 0 ? exactText(list[i], sorted) : `,${exactText(list[i], sorted)}`;
  return `${text}]`;
}

function recordText(record: object, sorted: boolean): string {
  const prototype: unknown = Object.getPrototypeOf(record);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new RangeError(`a ${record.constructor.name} has no exact text`);
  }
  const fields = Object.entries(record);
  if (sorted) fields.sort(([a], [b]) => (a < b ? -1 : 1));
  let text = '{';
  for (const [key, each] of fields) {
    if (each === undefined) continue;
    const name = JSON.stringify(key.startsWith(MARK) ? MARK + key : key);
    text += `${text === '{' ? '' : ','}${name}:${exactText(each, sorted)}`;
  }
  return `${text}}`;
}

/** The value behind a text of `exactText`. Throws RangeError or SyntaxError for any other. */
export function parseExact(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return revive(value);
}

function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(revive);
  const marked = Object.getOwnPropertyDescriptor(value, MARK);
  if (marked !== undefined) return special(marked.value, 'of' in value ? value.of : undefined);
  // Defined, not assigned: a field that is named `__proto__` is one as any other.
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key.startsWith(MARK) ? key.slice(1) : key, revive(each)]),
  );
}

function special(name: unknown, of: unknown): unknown {
  switch (name) {
    case 'undefined':
      return undefined;
    case 'NaN':
    case 'Infinity':
    case '-Infinity':
    case '-0':
      return Number(name);
    case 'map':
      return new Map(members(of).map(pair));
    case 'set':
      return new Set(members(of));
    case 'bytes':
      return Uint8Array.from(members(of).map(Number));
    case 'bigint':
      return BigInt(String(members(of)[0]));
    default:
      throw new RangeError('not an exact text');
  }
}

function members(of: unknown): readonly unknown[] {
  if (!Array.isArray(of)) throw new RangeError('not an exact text: a list is missing');
  return of.map(revive);
}

function pair(value: unknown): readonly [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2) throw new RangeError('not an exact text: no pair');
  return [value[0], value[1]];
}
