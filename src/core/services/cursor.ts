import type { ProblemPath } from '../problems/problem.ts';

/** A place in a descriptor as it stands in its file, right or wrong: references are followed even where the schema complains. */
export interface Cursor {
  readonly value: unknown;
  readonly path: ProblemPath;
}

/** A text with its place. */
export interface Named {
  readonly text: string;
  readonly path: ProblemPath;
}

/** Longest list that is walked: the schema refuses longer ones. */
const MAX_WALKED = 1000;

export function child(at: Cursor, key: string): Cursor | undefined {
  const { value } = at;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // Only what the file itself has: nothing comes from a prototype.
  const found: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  return found === undefined ? undefined : { value: found, path: [...at.path, key] };
}

/**
 * Everything that is found by following the keys, lists being walked entry by entry: `each(vnfd, 'vdu', 'int-cpd')` gives
 * every connection point of every VDU. One entry alone may stand without its list.
 */
export function each(at: Cursor, ...keys: readonly string[]): readonly Cursor[] {
  return keys.reduce<readonly Cursor[]>(
    (all, key) =>
      all.flatMap((one) => {
        const found = child(one, key);
        return found === undefined ? [] : entries(found);
      }),
    [at],
  );
}

function entries(at: Cursor): readonly Cursor[] {
  if (!Array.isArray(at.value)) return [at];
  const items: readonly unknown[] = at.value.slice(0, MAX_WALKED);
  return items.map((value, index) => ({ value, path: [...at.path, index] }));
}

/** The text that stands under a key; undefined: none, or something else. */
export function named(at: Cursor, key: string): Named | undefined {
  const found = child(at, key);
  return found === undefined ? undefined : plain(found);
}

/** The texts of a list of texts. */
export function texts(at: Cursor, ...keys: readonly string[]): readonly Named[] {
  return each(at, ...keys).flatMap((one) => plain(one) ?? []);
}

/** What an entry is called: its `id`, its `name`, or its place. */
export function titleOf(at: Cursor): string {
  const title = named(at, 'id') ?? named(at, 'name');
  return title === undefined ? `entry ${String(at.path.at(-1) ?? 0)}` : title.text;
}

function plain({ value, path }: Cursor): Named | undefined {
  if (typeof value === 'string' && value !== '') return { text: value, path };
  if (typeof value === 'number' || typeof value === 'boolean') return { text: String(value), path };
  return undefined;
}
