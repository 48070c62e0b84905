import { suggestName } from '../problems/nearest-name.ts';
import { showText } from '../problems/problem.ts';
import type { Cursor, Named } from './cursor.ts';
import { named } from './cursor.ts';
import { type FindingCode, type PackageFinding, refused } from './package-finding.ts';

/** The ids of entries, each once. */
export function idsOf(entries: readonly Cursor[], key = 'id'): readonly string[] {
  return [...new Set(entries.flatMap((entry) => named(entry, key)?.text ?? []))];
}

/** Entries with an id that one before them has. `what`: e.g. `VDU`. */
export function duplicates(entries: readonly Cursor[], what: string, key = 'id'): readonly PackageFinding[] {
  const seen = new Set<string>();
  return entries.flatMap((entry) => {
    const name = named(entry, key);
    if (name === undefined) return [];
    const twice = seen.has(name.text);
    seen.add(name.text);
    if (!twice) return [];
    const message = `the ${what} \`${showText(name.text)}\` is there twice`;
    return [
      refused('duplicate', { path: name.path, message, mend: 'give each its own id, or remove one of them' }),
    ];
  });
}

/** Names that stand for nothing. `where`: the list in which they would be, e.g. `virtual-compute-desc`. */
export function dangling(
  names: readonly (Named | undefined)[],
  known: readonly string[],
  where: string,
  code: FindingCode = 'reference',
): readonly PackageFinding[] {
  return names.flatMap((name) => {
    if (name === undefined || known.includes(name.text)) return [];
    const message = `there is no \`${showText(name.text)}\` in ${where}`;
    const mend = suggestName(name.text, known, `an id of ${where}`);
    return [refused(code, { path: name.path, message, mend })];
  });
}
