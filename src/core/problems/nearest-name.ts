const LONGEST = 64;
/** Most names that are compared: a suggestion is a courtesy and must stay cheap. */
const MOST = 500;

/**
 * Edits (insert, delete, replace, swap of neighbours) that turn one text into the other: the optimal string alignment
 * distance. Texts over 64 characters are cut, so that the work is bounded.
 */
export function editDistance(left: string, right: string): number {
  const a = left.slice(0, LONGEST);
  const b = right.slice(0, LONGEST);
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? a.length;
}

/** The known name that was probably meant: at most a third of its letters differ (case apart); ties go to the first. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: { name: string; distance: number } | undefined;
  let compared = 0;
  for (const candidate of known) {
    compared += 1;
    if (compared > MOST) break;
    const lower = candidate.toLowerCase();
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, lower.length) / 3));
    if (Math.abs(lower.length - wanted.length) > allowed) continue;
    const distance = editDistance(wanted, lower);
    if (distance <= allowed && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { name: candidate, distance };
    }
  }
  return best?.name;
}

/** "did you mean `x`?", or else the names that exist (the first few of them). */
export function suggestName(name: string, known: readonly string[], what: string): string {
  const near = nearestName(name, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (known.length === 0) return `add ${what} first: there is none`;
  const shown = known.slice(0, 8).map((one) => `\`${one}\``);
  return `use ${what}: ${shown.join(', ')}${known.length > shown.length ? `, and ${known.length - shown.length} more` : ''}`;
}
