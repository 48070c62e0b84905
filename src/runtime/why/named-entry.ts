import type { JournalEntry } from '../../protocol/journal.ts';

/** Of an operation's id so much is enough. */
const SHORTEST = 6;

/**
 * The entry that tells most about what an operator calls by a name: an operation (its id, or the beginning of it), a service (name or id:
 * how it came to be as it is), or where a unit runs (`SERVICE/UNIT`, as placement names it). Undefined: it is none of these.
 */
export function namedEntry(journal: readonly JournalEntry[], named: string): string | undefined {
  const operations = journal.filter((entry) => entry.kind === 'operation');
  const about = operations.filter(({ name, service }) => name === named || service === named);
  const begins = (id: string) => id === named || (named.length >= SHORTEST && id.startsWith(named));
  const found =
    operations.findLast(({ operation }) => begins(operation)) ??
    about.findLast(({ change }) => change !== 'action') ??
    about.at(-1);
  if (found !== undefined) return found.id;
  const unit = /^([^/]+)\/(.+)$/.exec(named);
  if (unit === null) return undefined;
  const [, service = '', wanted = ''] = unit;
  const goal = `unitHosted(${serviceIds(journal).get(service) ?? service},${wanted})`;
  return journal.findLast(
    (entry) => entry.kind === 'auction' && entry.goal === goal && entry.status !== 'opened',
  )?.id;
}

/** Ids of services by their names: agents know services by their ids. */
export function serviceIds(journal: readonly JournalEntry[]): ReadonlyMap<string, string> {
  return new Map(
    journal.flatMap((entry) => (entry.kind === 'operation' ? [[entry.name, entry.service] as const] : [])),
  );
}
