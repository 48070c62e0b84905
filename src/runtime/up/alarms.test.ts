import { expect, it } from 'vitest';
import { alarmsOf } from './alarms.ts';

const agent = (name: string, status: string, reason = '') => ({ name, status, reason });
const well = {
  ready: true,
  ledgerSilentForS: 2,
  ledgerTrouble: undefined,
  agents: [agent('a1', 'attested'), agent('a2', 'attested')],
};

it('there is none while all is well, nor about a ledger that is still coming up', () => {
  expect(alarmsOf(well)).toEqual([]);
  expect(alarmsOf({ ...well, ready: false, ledgerSilentForS: 1e9 })).toEqual([]);
});

it('a ledger that is away is told, with its reason and what it means', () => {
  const alarms = alarmsOf({ ...well, ledgerSilentForS: 12.7, ledgerTrouble: 'ENOSPC' });
  expect(alarms[0]).toBe('ENOSPC');
  expect(alarms[1]).toContain('no block for 12 s: agents act until their attestation runs out');
});

it('agents that have failed closed, and those that stay down, are named', () => {
  const agents = [agent('a1', 'expired'), agent('a2', 'down', 'it stays down'), agent('a3', 'expired')];
  expect(alarmsOf({ ...well, agents })).toEqual([
    'attestation has run out, nothing is carried out for a1, a3',
    'a2: it stays down',
  ]);
});
