import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AclMessage } from '../../protocol/acl.ts';
import { agentId } from '../../protocol/ids.ts';
import { market } from './testing/market.ts';

describe('an auction', () => {
  test('the lowest price wins, whatever the order of the bidders', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 12 }),
        (loads) => {
          const { want, run, dug } = market(loads.map((load) => ({ load: load / 100 })));
          want();
          run(0);
          const best = loads.indexOf(Math.min(...loads));
          expect(dug).toEqual([`b${String(best).padStart(3, '0')}`]);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('takes 2n + k + 1 messages with k bids and a winner that completes, 2n when all refuse', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (willing) => {
        // A host that is over its capacity refuses.
        const { want, run, count, closings } = market(willing.map((yes) => ({ load: yes ? 0.5 : 1.5 })));
        want();
        run(0);
        const n = willing.length;
        const k = willing.filter(Boolean).length;
        expect(count()).toBe(k === 0 ? 2 * n : 2 * n + k + 1);
        expect(closings().map((each) => each.status)).toEqual([k === 0 ? 'no-bid' : 'completed']);
      }),
      { numRuns: 50 },
    );
  });

  test('ties do not always go to the same agent', () => {
    const winners = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const { buyer, run, dug, want } = market([{ load: 0.5 }, { load: 0.5 }, { load: 0.5 }]);
      buyer.state.lastToken = i;
      want();
      run(0);
      for (const each of dug) winners.add(each);
    }
    expect(winners.size).toBe(3);
  });

  test('bids over the reserve price win nothing', () => {
    const { want, run, dug, closings } = market([{ load: 0.9 }], { reservePrice: 0.1 });
    want();
    run(0);
    expect(dug).toEqual([]);
    expect(closings()[0]?.bids[0]?.reason).toContain('reserve price');
  });

  test('is decided at the deadline without those who are silent, and a late bid is rejected as late', () => {
    const { want, run, dug, all, buyer } = market([{ load: 0.1 }, { load: 0.5 }]);
    let held: AclMessage | undefined;
    want();
    run(0, (message) => {
      if (message.performative !== 'propose' || message.sender !== 'b000') return false;
      held = message;
      return true;
    });
    expect(dug).toEqual([]);
    run(100);
    expect(dug).toEqual(['b001']);
    const sent: AclMessage[] = [];
    if (held !== undefined) all.get(buyer.id)?.post({ kind: 'message', message: held });
    run(101, (message) => {
      sent.push(message);
      return false;
    });
    expect(sent.map((each) => [each.performative, each.receiver])).toEqual([['reject-proposal', 'b000']]);
  });

  test('a winner that fails, or is silent past its deadline, is followed by the next best', () => {
    const failing = market([{ load: 0.1, fails: true }, { load: 0.5 }, { load: 0.7 }]);
    failing.want();
    failing.run(0);
    expect(failing.dug).toEqual(['b001']);
    const dying = market([{ load: 0.1 }, { load: 0.5 }]);
    dying.want();
    dying.run(0, (message) => message.performative === 'accept-proposal' && message.receiver === 'b000');
    dying.dead.add('b000');
    dying.run(200);
    expect(dying.dug).toEqual(['b001']);
  });

  test('a duplicate accept executes once and is answered again', () => {
    const { want, run, dug, all } = market([{ load: 0.1 }]);
    let accept: AclMessage | undefined;
    want();
    run(0, (message) => {
      if (message.performative === 'accept-proposal') accept = message;
      return false;
    });
    const informs: AclMessage[] = [];
    if (accept !== undefined) all.get(agentId('b000'))?.post({ kind: 'message', message: accept });
    run(1, (message) => {
      informs.push(message);
      return false;
    });
    expect(dug).toEqual(['b000']);
    expect(informs[0]?.performative).toBe('inform');
  });

  test('with sealed bids takes 2n + 3k + 1 messages, and nobody hears a price before all are promised', () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const sealing = { hash, nonce: (conversation: string) => hash(`secret of ${conversation}`) };
    const terms = { sealed: 'commit-reveal' } as const;
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: 0, max: 90 })), { minLength: 1, maxLength: 12 }),
        (loads) => {
          const made = market(
            loads.map((load) => ({ load: load === null ? 1.5 : load / 100 })),
            terms,
            sealing,
          );
          const told: string[] = [];
          made.want();
          made.run(0, ({ performative, content }) => {
            if (JSON.stringify(content).includes('"price"')) told.push(performative);
            else if (performative === 'propose') told.push('promise');
            return false;
          });
          const n = loads.length;
          const willing = loads.filter((load) => load !== null);
          const k = willing.length;
          expect(made.count()).toBe(k === 0 ? 2 * n : 2 * n + 3 * k + 1);
          expect(told).toEqual([...willing.map(() => 'promise'), ...willing.map(() => 'inform')]);
          if (k > 0) expect(loads[Number(made.dug[0]?.slice(1))]).toBe(Math.min(...willing));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('with sealed bids is not opened where nobody can check them, and not bid in where nobody can promise', () => {
    const { want, run, count, closings } = market([{ load: 0.1 }], { sealed: 'commit-reveal' });
    want();
    run(0);
    expect(count()).toBe(0);
    expect(closings()).toMatchObject([
      { status: 'no-bid', reason: 'sealed bids cannot be checked here: no hash function' },
    ]);
  });
});
