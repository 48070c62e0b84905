import type { JournalEntry } from '../../protocol/journal.ts';
import { actionTarget } from './action-target.ts';

/** Of an operation's id so much is enough. */
const SHORTEST = 6;

/**
 * The entry that tells most about what an operator calls by a name: an operation (its id, or the beginning of it), a service (name or id:
 * how it came to be as it is, and whether it would cost less elsewhere), an address or a link (what was done to it last), or where a unit
 * runs (`SERVICE/UNIT`, as placement names it).
 * Undefined: it is none of these.
 */
export function namedEntry(journal: readonly JournalEntry[], named: string): string | undefined {
  const about = journal.filter(
    (entry) =>
      (entry.kind === 'operation' || entry.kind === 'offer') &&
      (entry.name === named || entry.service === named),
  );
  const begins = (id: string) => id === named || (named.length >= SHORTEST && id.startsWith(named));
  const found =
    journal.findLast((entry) => entry.kind === 'operation' && begins(entry.operation)) ??
    about.findLast((entry) => entry.kind !== 'operation' || entry.change !== 'action') ??
    about.at(-1);
  if (found !== undefined) return found.id;
  const done = journal.findLast(
    (entry) => entry.kind === 'action' && entry.status === 'done' && actionTarget(entry) === named,
  );
  if (done !== undefined) return done.id;
  const unit = /^([^/]+)\/(.+)$/.exec(named);
  if (unit === null) return undefined;
  const [, service = '', wanted = ''] = unit;
  const id = serviceIds(journal).get(service) ?? service;
  const goal = `unitHosted(${id},${wanted})`;
  const hosted = journal.findLast(
    (entry) => entry.kind === 'auction' && entry.goal === goal && entry.status !== 'opened',
  );
  // What takes a place that was offered for another is put up to no auction of its own.
  const moved = (entry: JournalEntry) =>
    entry.kind === 'operation' &&
    entry.service === id &&
    entry.change === 'migrate' &&
    entry.units.includes(wanted);
  return (hosted ?? journal.findLast(moved))?.id;
}

/** Ids of services by their names: agents know services by their ids. */
export function serviceIds(journal: readonly JournalEntry[]): ReadonlyMap<string, string> {
  return new Map(
    journal.flatMap((entry) => (entry.kind === 'operation' ? [[entry.name, entry.service] as const] : [])),
  );
}
