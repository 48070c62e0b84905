/** An entry of a replay, as a line of the journal. */
export interface ReplayedEntry {
  readonly tMs: number;
  readonly line: string;
}

/**
 * What differs first between the entries of a replay and those that the journal holds of agents, in words; undefined: nothing.
 * The journal is in order of time, so the replayed ones are put into it.
 */
export function compareTrace(
  replayed: readonly ReplayedEntry[],
  recorded: readonly string[],
): string | undefined {
  const ordered = replayed.toSorted((a, b) => a.tMs - b.tMs);
  for (const [index, { line }] of ordered.entries()) {
    const was = recorded[index];
    if (was === line) continue;
    if (was === undefined)
      return `the journal ends early: ${idOf(line)} is missing, and ${ordered.length - index - 1} after it`;
    return idOf(was) === idOf(line)
      ? `entry ${idOf(line)} differs in ${differing(line, was)}: replayed ${shown(line, was)}, recorded ${shown(was, line)}`
      : `the replay has ${idOf(line)} where the journal has ${idOf(was)}`;
  }
  const more = recorded[ordered.length];
  if (more === undefined) return undefined;
  return `the journal has ${recorded.length - ordered.length} entries more than the replay, the first is ${idOf(more)}`;
}

function idOf(line: string): string {
  const id = fields(line)['id'];
  return typeof id === 'string' ? id : 'an entry without id';
}

/** Names of the fields that are not the same. */
function differing(a: string, b: string): string {
  const [left, right] = [fields(a), fields(b)];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const found = names.filter((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]));
  return found.length === 0 ? 'how it is written' : found.join(', ');
}

const MOST_CHARS = 80;

/** The part of the line from where it differs from the other one, with a little before it. */
function shown(line: string, other: string): string {
  let at = 0;
  while (at < line.length && line[at] === other[at]) at++;
  const from = Math.max(0, at - 20);
  const part = line.slice(from, from + MOST_CHARS);
  return `${from > 0 ? '…' : ''}${part}${from + MOST_CHARS < line.length ? '…' : ''}`;
}

function fields(line: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
