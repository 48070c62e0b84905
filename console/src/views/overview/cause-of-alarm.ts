import type { JournalEntry, JournalKind } from '../../../../src/protocol/journal.ts';
import type { Alarm } from '../../../../src/protocol/up-status.ts';

/** Of a journal what it takes to find the cause of an alarm. */
export interface Told {
  readonly index: { readonly entries: readonly JournalEntry[] };
  /** Positions of entries, ascending. */
  ofKind(kind: JournalKind): readonly number[];
}

const EXCLUDING = new Set(['Revoked', 'Suspended', 'RoundFailed', 'ValidityExpired']);
/** Written as faults are, but they end one. */
const MENDED = new Set(['site-back', 'agent-reborn', 'alarm-cleared']);
const CAME_TO_NOTHING = new Set([
  'PARTIALLY_COMPLETED',
  'FAILED_TEMP',
  'FAILED',
  'ROLLING_BACK',
  'ROLLED_BACK',
]);

/** The newest entry of the journal, of whatever kind, that tells of what an alarm is about having gone wrong. */
export function causeOfAlarm(told: Told, { about }: Alarm): JournalEntry | undefined {
  const ids = new Set(about.map(({ id }) => id));
  const newer = new Set<string>();
  const positions = [
    lastOf(
      told,
      'ledger',
      (entry) => entry.kind === 'ledger' && EXCLUDING.has(entry.event) && ids.has(entry.subject),
    ),
    lastOf(
      told,
      'fault',
      (entry) => entry.kind === 'fault' && !MENDED.has(entry.fault) && isAbout(entry.subject, ids),
    ),
    lastOf(told, 'operation', (entry) => {
      if (entry.kind !== 'operation' || !ids.has(entry.service)) return false;
      // One that has failed and was then retried is told by how that ended.
      const isNewest = !newer.has(entry.operation);
      newer.add(entry.operation);
      return isNewest && CAME_TO_NOTHING.has(entry.state);
    }),
  ];
  return told.index.entries[Math.max(...positions)];
}

/** Units are named `SERVICE/VNF/VDU/INDEX`: what happens to one happens to its service. */
function isAbout(subject: string, ids: ReadonlySet<string>): boolean {
  return ids.has(subject) || ids.has(subject.slice(0, Math.max(0, subject.indexOf('/'))));
}

/** Position of the newest that fits; -1: none does. */
function lastOf(told: Told, kind: JournalKind, fits: (entry: JournalEntry) => boolean): number {
  const found = told.ofKind(kind).findLast((position) => {
    const entry = told.index.entries[position];
    return entry !== undefined && fits(entry);
  });
  return found ?? -1;
}
