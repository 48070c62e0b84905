import { expect, test } from 'vitest';
import { lastDecisions } from '../../console/src/views/overview/decisions.ts';
import { type JournalEntry, JournalEntrySchema, type JournalKind } from '../../src/protocol/journal.ts';

let made = 0;
const entry = (reason: string, more: object): JournalEntry =>
  JournalEntrySchema.parse({
    ...{ id: `muster:${++made}`, tMs: made, agent: 'muster', because: [], reason },
    ...more,
  });
const action = (reason: string, name: string, status = 'done') =>
  entry(reason, { kind: 'action', action: name, target: 's4>h1', rule: null, status, detail: {} });
const operation = (reason: string, state: string, step: string | null = null) =>
  entry(reason, {
    ...{ kind: 'operation', operation: 'o1', change: 'scale', service: 's1', name: 'shop' },
    ...{ state, step, units: [] },
  });

const ENTRIES = [
  operation('applied', 'PROCESSING'),
  operation('placed', 'PROCESSING', 'place'),
  action('read', 'measure'),
  action('blocked', 'block-source'),
  action('asked', 'block-source', 'requested'),
  operation('is done', 'COMPLETED', 'start'),
];
const journal = {
  index: { entries: ENTRIES },
  ofKind: (kind: JournalKind) => ENTRIES.flatMap((each, at) => (each.kind === kind ? [at] : [])),
};
const decided = (end: number, most = 10) => lastDecisions(journal, end, most).map(({ reason }) => reason);

test('operations of services are decisions as actions are, the newest first, without their steps and without readings', () => {
  expect(decided(ENTRIES.length)).toEqual(['is done', 'blocked', 'applied']);
  expect(decided(ENTRIES.length, 2)).toEqual(['is done', 'blocked']);
  expect(decided(5)).toEqual(['blocked', 'applied']);
});
