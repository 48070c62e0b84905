import { describe, expect, test } from 'vitest';
import type { AuctionTerms } from '../../core/bdi/goal.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import { bundleMarket } from './testing/bundle-market.ts';

describe('goals auctioned together', () => {
  test('go to those who do them cheapest in all, each by its own plans', () => {
    const { run, want, work, ended, count } = bundleMarket([
      { does: ['dig'], load: 0.1 },
      { does: ['fill'], load: 0.2 },
      { does: ['dig', 'fill'], load: 0.6 },
    ]);
    want();
    run(0);
    expect([...work].sort()).toEqual(['w0 dig', 'w1 fill']);
    expect(ended()).toMatchObject([{ status: 'completed', reason: 'all reached by w0, w1' }]);
    // 3 cfp, 3 proposals, 2 acceptances, 1 rejection, 2 results.
    expect(count()).toBe(11);
  });

  test('go to one agent when activating a capability is then paid once instead of twice', () => {
    const { run, want, work } = bundleMarket([
      { does: ['dig'], load: 0.1, active: false },
      { does: ['fill'], load: 0.1, active: false },
      { does: ['dig', 'fill'], load: 0.15, active: false },
    ]);
    want();
    run(0);
    expect([...work].sort()).toEqual(['w2 dig', 'w2 fill']);
  });

  test('that nobody can cover fail at once, and nothing is begun', () => {
    const { run, want, work, ended } = bundleMarket([{ does: ['dig'], load: 0.1 }]);
    want();
    run(0);
    expect(work).toEqual([]);
    expect(ended()).toMatchObject([{ status: 'failed', reason: 'no set of offers reaches every goal' }]);
  });

  test('of which one fails are told by name; a silent winner is waited for until the deadline and called off', () => {
    const failing = bundleMarket([
      { does: ['dig'], load: 0.1, fails: true },
      { does: ['fill'], load: 0.1 },
    ]);
    failing.want();
    failing.run(0);
    expect(failing.work).toEqual(['w1 fill']);
    expect(failing.ended()[0]).toMatchObject({
      status: 'failed',
      reason: 'w0: hit a rock; dig: nobody offers this goal; left: dig',
    });
    const silent = bundleMarket([
      { does: ['dig'], load: 0.1 },
      { does: ['fill'], load: 0.1 },
    ]);
    silent.want();
    silent.run(0, (message) => message.performative === 'accept-proposal' && message.receiver === 'w0');
    expect(silent.ended()).toEqual([]);
    silent.run(200);
    expect(silent.ended()[0]).toMatchObject({
      status: 'failed',
      reason: 'did not report in time; dig: nobody offers this goal; left: dig',
    });
  });

  test('survive a crash of everybody between the award and the results', () => {
    const { all, crash, run, want, work, ended } = bundleMarket([
      { does: ['dig'], load: 0.1 },
      { does: ['fill'], load: 0.2 },
    ]);
    want();
    const held: AclMessage[] = [];
    run(0, (message) => {
      if (message.performative !== 'accept-proposal') return false;
      held.push(message);
      return true;
    });
    crash();
    for (const message of held) all.get(message.receiver)?.post({ kind: 'message', message });
    run(1);
    expect([...work].sort()).toEqual(['w0 dig', 'w1 fill']);
    expect(ended()).toMatchObject([{ status: 'completed' }]);
  });

  test('of which one fails go to the next bidder one by one; what was reached stays reached', () => {
    const { run, want, work, ended, trace, all } = bundleMarket([
      { does: ['dig'], load: 0.1, fails: true },
      { does: ['fill'], load: 0.1 },
      { does: ['dig'], load: 0.5 },
      { does: ['dig'], load: 0.4 },
    ]);
    const asked: string[] = [];
    want();
    run(0, (message) => {
      if (message.performative === 'cfp' && message.conversationId === 'buyer.1.0')
        asked.push(message.receiver);
      return false;
    });
    expect([...work].sort()).toEqual(['w1 fill', 'w3 dig']);
    // Not the one that has failed.
    expect(asked).toEqual(['w2', 'w3']);
    expect(ended()).toMatchObject([{ status: 'completed', reason: 'all reached by w3, w1' }]);
    const again = trace.flatMap(({ draft }) =>
      draft.kind === 'auction' ? [`${draft.auction} ${draft.status}`] : [],
    );
    expect(again).toEqual([
      'buyer.1 opened',
      'buyer.1 awarded',
      'buyer.1 opened',
      'buyer.1.0 opened',
      'buyer.1.0 awarded',
      'buyer.1.0 completed',
      'buyer.1 completed',
    ]);
    expect(all.get('buyer')?.state.goals.size).toBe(0);
  });

  test('a part that fails again goes on to the next best, as any auction does', () => {
    const { run, want, work, ended } = bundleMarket([
      { does: ['dig'], load: 0.1, fails: true },
      { does: ['fill'], load: 0.1 },
      { does: ['dig'], load: 0.3, fails: true },
      { does: ['dig'], load: 0.5 },
    ]);
    want();
    run(0);
    expect([...work].sort()).toEqual(['w1 fill', 'w3 dig']);
    expect(ended()).toMatchObject([{ status: 'completed' }]);
  });

  test('survive a crash of everybody while a part is auctioned again', () => {
    const { all, crash, run, want, work, ended } = bundleMarket([
      { does: ['dig'], load: 0.1, fails: true },
      { does: ['fill'], load: 0.1 },
      { does: ['dig'], load: 0.5 },
    ]);
    want();
    const held: AclMessage[] = [];
    run(0, (message) => {
      if (message.performative !== 'propose' || message.conversationId !== 'buyer.1.0') return false;
      held.push(message);
      return true;
    });
    expect(held).toHaveLength(1);
    crash();
    for (const message of held) all.get(message.receiver)?.post({ kind: 'message', message });
    run(1);
    expect([...work].sort()).toEqual(['w1 fill', 'w2 dig']);
    expect(ended()).toMatchObject([{ status: 'completed', reason: 'all reached by w2, w1' }]);
  });

  test('called off while a part is auctioned again, the part is called off', () => {
    const { buyer, run, want, work, ended } = bundleMarket([
      { does: ['dig'], load: 0.1, fails: true },
      { does: ['fill'], load: 0.1 },
      { does: ['dig'], load: 0.5 },
    ]);
    want();
    run(
      0,
      ({ performative, conversationId }) => performative === 'propose' && conversationId === 'buyer.1.0',
    );
    buyer.post({ kind: 'drop-goal', key: 'garden(1) at auction', from: 'test' });
    const cancelled: string[] = [];
    run(1, (message) => {
      if (message.performative === 'cancel') cancelled.push(`${message.conversationId} ${message.receiver}`);
      return false;
    });
    expect(cancelled).toEqual(['buyer.1.0 w2']);
    run(1000);
    expect(work).toEqual(['w1 fill']);
    expect(ended()).toMatchObject([{ status: 'failed' }]);
    expect(buyer.nextWakeMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('need room for all goals of a set at once: a host that holds each alone does not offer both', () => {
    const one = { does: ['dig', 'fill'], load: 0.1, active: false, apart: true } as const;
    const tight = bundleMarket([one], {}, 0.6);
    tight.want();
    tight.run(0);
    expect(tight.ended()).toMatchObject([
      { status: 'failed', reason: 'no set of offers reaches every goal' },
    ]);
    expect(tight.bids).toMatchObject([
      {
        parts: [{ name: 'dig' }, { name: 'fill' }],
        reason: 'prices 2 sets of goals; not dig + fill: no headroom: cpu 130 % after placing',
      },
    ]);
    const roomy = bundleMarket([one], {}, 0.4);
    roomy.want();
    roomy.run(0);
    expect([...roomy.work].sort()).toEqual(['w0 dig', 'w0 fill']);
  });

  test.each<[string, Partial<AuctionTerms>]>([
    ['leaseMs', { leaseMs: 300 }],
    ['sealed', { sealed: 'commit-reveal' }],
    ['reservePrice, pricing', { reservePrice: 0.5, pricing: 'second-price' }],
  ])('asked for with %s are refused, not put out without it', (names, terms) => {
    const { run, want, count, trace } = bundleMarket([{ does: ['dig', 'fill'], load: 0.1 }], terms);
    want();
    run(0);
    expect(count()).toBe(0);
    const why = `goals auctioned together are awarded without ${names}`;
    expect(trace.some(({ draft }) => JSON.stringify(draft).includes(why))).toBe(true);
  });

  test('more than can be solved exactly fail at once, without a message', () => {
    const bundle = () => Array.from({ length: 13 }, (_, hole) => ({ type: 'dig', args: { hole } }));
    const { run, want, count, trace } = bundleMarket([{ does: ['dig'], load: 0.1 }], { bundle });
    want();
    run(0);
    expect(count()).toBe(0);
    const failed = trace.find(({ draft }) => draft.kind === 'auction' && draft.status === 'failed');
    expect(failed?.draft).toMatchObject({ reason: 'at most 12 goals can be auctioned together, not 13' });
  });
});
