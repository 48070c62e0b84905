import { expect, test } from 'vitest';
import { causeOfAlarm } from '../../console/src/views/overview/cause-of-alarm.ts';
import { type JournalEntry, JournalEntrySchema, type JournalKind } from '../../src/protocol/journal.ts';
import type { Alarm } from '../../src/protocol/up-status.ts';

let made = 0;
const entry = (reason: string, more: object): JournalEntry =>
  JournalEntrySchema.parse({
    ...{ id: `muster:${++made}`, tMs: made, agent: 'muster', because: [], reason },
    ...more,
  });
const ledger = (reason: string, event: string) =>
  entry(reason, { kind: 'ledger', event, subject: 'a2', block: 1 });
const fault = (reason: string, name: string, subject: string) =>
  entry(reason, { kind: 'fault', fault: name, subject });
const operation = (reason: string, id: string, state: string) =>
  entry(reason, {
    ...{ kind: 'operation', operation: id, change: 'heal', service: 's1', name: 'shop', state },
    ...{ step: null, units: [] },
  });

function causeOf(entries: readonly JournalEntry[], kind: 'agent' | 'service', id: string) {
  const alarm: Alarm = { text: '', about: [{ kind, id }] };
  const ofKind = (wanted: JournalKind) => entries.flatMap((each, at) => (each.kind === wanted ? [at] : []));
  return causeOfAlarm({ index: { entries }, ofKind }, alarm)?.reason;
}

test('the newest is the cause, whether it is an exclusion or a fault', () => {
  const excluded = ledger('its text was written to', 'Revoked');
  const ended = fault('it was killed', 'agent-ended', 'a2');
  expect(causeOf([excluded, ended], 'agent', 'a2')).toBe('it was killed');
  expect(causeOf([ended, excluded], 'agent', 'a2')).toBe('its text was written to');
});

test('what mended something is the cause of nothing, nor is what happened to another', () => {
  const entries = [
    fault('it was killed', 'agent-ended', 'a2'),
    fault('incarnation 2 has taken over', 'agent-reborn', 'a2'),
    fault('it was killed too', 'agent-ended', 'a22'),
    ledger('all is as it should be', 'RoundPassed'),
  ];
  expect(causeOf(entries, 'agent', 'a2')).toBe('it was killed');
  expect(causeOf(entries.slice(1), 'agent', 'a2')).toBeUndefined();
});

test('a unit that fails is the cause for its service; an operation only when it came to nothing', () => {
  const failed = fault('killed by a test', 'unit-failed', 's1/web/vm/0');
  expect(causeOf([failed, operation('', 'o1', 'COMPLETED')], 'service', 's1')).toBe('killed by a test');
  expect(causeOf([failed, operation('', 'o1', 'PROCESSING')], 'service', 's1')).toBe('killed by a test');
  const gone = [failed, operation('no host has room', 'o1', 'FAILED_TEMP')];
  expect(causeOf(gone, 'service', 's1')).toBe('no host has room');
  expect(causeOf([...gone, operation('', 'o1', 'COMPLETED')], 'service', 's1')).toBe('killed by a test');
  expect(causeOf([fault('another', 'unit-failed', 's11/web/vm/0')], 'service', 's1')).toBeUndefined();
});
