import { describe, expect, it } from 'vitest';
import type { Platform, PlatformQuote } from '../../protocol/platform.ts';
import { account, attestedEvents, FakeChain, hex32 } from '../trust/testing/fake-ledger.ts';
import { TrustView } from '../trust/trust-view.ts';
import { Platforms } from './platforms.ts';

const platform: Platform = { publicKey: 'a key', pcrs: '0x00' };
const quoteOf = (n: number): PlatformQuote => ({ message: hex32(n), signature: '0x01', pcrs: '0x00' });
const ROUND = 7;

/** A round of an agent at `a-site`. */
function stateWithRound() {
  const trust = new TrustView({ monotonicMs: () => 0, wallSeconds: () => 100 });
  const life = { incarnation: 1, round: ROUND, openedAt: 100, validUntil: 160 };
  const agent = { key: hex32(21), name: 'a1', guard: account(5), kemKey: hex32(2), frameKey: hex32(3) };
  trust.apply(new FakeChain().block(100, ...attestedEvents({ ...agent, ...life })));
  return trust.state;
}

describe('the quotes of the sites of a pipeline', () => {
  it('of one site stay, however many another one sends', async () => {
    const platforms = new Platforms({ 'a-site': platform, west: platform });
    platforms.take('a-site', ROUND, quoteOf(1));
    for (let round = 0; round < 5000; round++) platforms.take('west', round, quoteOf(2));
    expect(await platforms.quoteFor(stateWithRound(), ROUND)).toEqual(quoteOf(1));
  });

  it('are waited for as long as they may be on their way', async () => {
    const platforms = new Platforms({ 'a-site': platform, west: platform });
    const asked = platforms.quoteFor(stateWithRound(), ROUND);
    platforms.take('west', ROUND, quoteOf(2));
    platforms.take('a-site', ROUND, quoteOf(1));
    expect(await asked).toEqual(quoteOf(1));
  });

  it('are asked of no site that has no TPM', async () => {
    const platforms = new Platforms({ west: platform });
    platforms.take('a-site', ROUND, quoteOf(1));
    expect(await platforms.quoteFor(stateWithRound(), ROUND)).toBeUndefined();
  });
});
