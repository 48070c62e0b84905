import { expect, it } from 'vitest';
import type { JournalEntry } from '../../protocol/journal.ts';
import { alarmsOf } from './alarms.ts';
import { Exclusions } from './exclusions.ts';

const agent = (name: string, status: string, reason = '') => ({ name, status, reason });
const well = {
  ready: true,
  ledgerSilentForS: 0,
  ledgerTrouble: undefined,
  agents: [agent('a1', 'attested'), agent('a2', 'attested')],
  excluded: new Map<string, string>(),
};
const texts = (input: Parameters<typeof alarmsOf>[0]) => alarmsOf(input).map(({ text }) => text);

it('there is none while all is well, nor about a ledger that is still coming up', () => {
  expect(alarmsOf(well)).toEqual([]);
  expect(alarmsOf({ ...well, ready: false, ledgerSilentForS: 1e9 })).toEqual([]);
});

it('a ledger that is away is told, with its reason and what it means', () => {
  const alarms = texts({ ...well, ledgerSilentForS: 12.7, ledgerTrouble: 'ENOSPC' });
  expect(alarms[0]).toBe('ENOSPC');
  expect(alarms[1]).toContain('nothing for 12 s: agents act until their attestation runs out');
});

it('agents that have failed closed, and those that stay down, are named', () => {
  const agents = [agent('a1', 'expired'), agent('a2', 'down', 'it stays down'), agent('a3', 'expired')];
  const alarms = alarmsOf({ ...well, agents });
  expect(alarms.map(({ text }) => text)).toEqual([
    'attestation has run out, nothing is carried out for a1, a3',
    'a2: it stays down',
  ]);
  expect(alarms.map(({ about }) => about.map(({ id }) => id))).toEqual([['a1', 'a3'], ['a2']]);
});

it('one that was thrown out is told with the reason, until another incarnation of it is attested', () => {
  const told = (event: string): JournalEntry => ({
    ...{ id: 'muster:1', tMs: 0, agent: 'muster', because: [], kind: 'ledger', block: 1 },
    ...{ event, subject: 'a2', reason: 'its text was written to' },
  });
  const exclusions = new Exclusions();
  exclusions.hear(told('Revoked'));
  const agents = [agent('a1', 'attested'), agent('a2', 'admitted')];
  expect(alarmsOf({ ...well, agents, excluded: exclusions.reasons })).toEqual([
    {
      text: 'a2 was thrown out (its text was written to); the one in its place is not attested yet',
      about: [{ kind: 'agent', id: 'a2' }],
    },
  ]);
  exclusions.hear(told('RoundPassed'));
  expect(texts({ ...well, agents, excluded: exclusions.reasons })).toEqual([]);
});
