import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tieBreak } from './tie-break.ts';

const winner = (conversation: string, bidders: readonly string[]) =>
  bidders.reduce((best, each) => (tieBreak(conversation, each) < tieBreak(conversation, best) ? each : best));

describe('ties', () => {
  test('are drawn by a number of 32 bits that conversation and bidder alone decide', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (conversation, bidder) => {
        const lot = tieBreak(conversation, bidder);
        expect(Number.isInteger(lot) && lot >= 0 && lot <= 0xffffffff).toBe(true);
        expect(tieBreak(conversation, bidder)).toBe(lot);
      }),
    );
  });

  test.each([
    ['three agents', ['a1', 'a2', 'a3']],
    ['ten agents with names alike', Array.from({ length: 10 }, (_, index) => `b00${index}`)],
  ])('are won evenly: %s', (_, bidders) => {
    const wins = new Map<string, number>();
    const auctions = 10_000;
    for (let at = 0; at < auctions; at++) {
      const won = winner(`buyer.${at}`, bidders);
      wins.set(won, (wins.get(won) ?? 0) + 1);
    }
    const expected = auctions / bidders.length;
    // Chi-square with at most nine degrees of freedom: above 27.9 once in a thousand fair draws.
    const chi = bidders.reduce((sum, each) => sum + ((wins.get(each) ?? 0) - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(27.9);
  });

  test('two auctions at the same time are not won by the same agent because of the first', () => {
    const bidders = ['a1', 'a2', 'a3', 'a4'];
    let same = 0;
    for (let at = 0; at < 1000; at++) {
      if (winner(`a9.${at}`, bidders) === winner(`a9.${at + 1}`, bidders)) same++;
    }
    expect(same / 1000).toBeGreaterThan(0.2);
    expect(same / 1000).toBeLessThan(0.3);
  });
});
