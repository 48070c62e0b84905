import { expect, it } from 'vitest';
import { LedgerPulse } from './ledger-pulse.ts';

it('a ledger is silent once it has missed a round of everybody, or at once when its endpoint is away', () => {
  let now = 5000;
  const pulse = new LedgerPulse({ nowMs: () => now, periodS: 20 });
  now += 30_000;
  expect(pulse.silentForS).toBe(0);
  now += 1000;
  expect(pulse.silentForS).toBe(31);
  pulse.onBlock();
  expect(pulse.silentForS).toBe(0);
  now += 2000;
  pulse.onSilence(true);
  expect(pulse.silentForS).toBe(2);
  pulse.onSilence(false);
  expect(pulse.silentForS).toBe(0);
});
