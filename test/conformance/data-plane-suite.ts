import { afterAll, beforeAll, describe, expect } from 'vitest';
import { Bench, LINK, mark, OTHER_LINK } from './bench.ts';
import { smallNetwork } from './small-network.ts';
import { measured, testOn } from './test-on.ts';

const LIMIT = { low: 20_000, middle: 60_000, high: 100_000 };
/** Shaping is measured on a machine that is busy with the flood itself: a fifth off is still that limit and no other. */
const near = (rate: number, expected: number) =>
  measured(() => {
    expect(rate).toBeGreaterThan(expected * 0.8);
    expect(rate).toBeLessThan(expected * 1.2);
  });

/** What every data plane must do; run against each adapter. */
export function describeDataPlane(kind: 'twin' | 'linux'): void {
  describe(`the ${kind} data plane`, () => {
    describeLife(kind);
    describeRules(kind);
    describeServers(kind);
  });
}

function describeLife(kind: 'twin' | 'linux'): void {
  describe('from build to destroy', () => {
    const test = testOn(kind);
    test('answers never before the call has returned, an error for an unknown link, and only errors once destroyed', async () => {
      const bench = await Bench.up(kind, smallNetwork({ synCookies: true }));
      try {
        let answered = false;
        bench.testbed.plane.execute({ kind: 'remove-rule', rule: mark('none').rule }, () => {
          answered = true;
        });
        expect(answered).toBe(false);
        await bench.pass(1000);
        expect(answered).toBe(true);
        const unknown = { ...mark('r'), kind: 'limit-link', link: 'x>y', rateBytesPerSec: 1000 } as const;
        const link = 'x>y' as typeof LINK;
        expect(await bench.try({ ...unknown, link })).toMatchObject({ ok: false });
        expect(await bench.tryMeasure({ kind: 'link-load', link })).toMatchObject({ ok: false });
        expect(bench.testbed.plane.guardedLinks()).toEqual([LINK, OTHER_LINK]);
      } finally {
        await bench.testbed.destroy();
        await bench.testbed.destroy();
      }
      const gone = await bench.try({ kind: 'remove-rule', rule: mark('none').rule });
      expect(gone).toMatchObject({ ok: false });
      expect(await bench.tryMeasure({ kind: 'rules' })).toMatchObject({ ok: false });
      await bench.close();
    });

    test('deals the same addresses for the same seed, others for another', async () => {
      const dealt: (readonly string[])[] = [];
      for (const seed of [1, 1, 2]) {
        const bench = await Bench.up(kind, smallNetwork({ synCookies: true }), seed);
        dealt.push(bench.attackers);
        await bench.close();
      }
      expect(dealt[0]).toHaveLength(3);
      expect(dealt[1]).toEqual(dealt[0]);
      expect(dealt[2]).not.toEqual(dealt[0]);
    });
  });
}

function describeRules(kind: 'twin' | 'linux'): void {
  describe('rules', () => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await Bench.up(kind, smallNetwork({ synCookies: true }));
      await bench.flood();
    });
    afterAll(() => bench.close());
    const test = testOn(kind, async () => remove(...(await bench.rules()).map((each) => each.rule)));

    const limitLink = (rateBytesPerSec: number, rule = 'link') =>
      ({ kind: 'limit-link', ...mark(rule), link: LINK, rateBytesPerSec }) as const;
    const limitTarget = (rateBytesPerSec: number, rule = 'target') =>
      ({ kind: 'limit-target', ...mark(rule), link: LINK, target: bench.target, rateBytesPerSec }) as const;
    const limitFlow = (source: number, rateBytesPerSec: number, rule = 'flow') =>
      ({
        kind: 'limit-flow',
        ...mark(rule),
        link: LINK,
        source: attacker(source),
        target: bench.target,
        rateBytesPerSec,
      }) as const;
    const block = (source: number, ttlMs: number, rule = `block-${source}`) =>
      ({ kind: 'block-source', ...mark(rule), link: LINK, source: attacker(source), ttlMs }) as const;
    const remove = (...rules: readonly string[]) =>
      bench.do(...rules.map((rule) => ({ kind: 'remove-rule', rule: mark(rule).rule }) as const));
    const attacker = (index: number) => {
      const found = bench.attackers[index];
      if (found === undefined) throw new Error(`no attacker ${index}`);
      return found;
    };

    test('without any, everything that is offered gets through', async () => {
      const { delivered, offered } = await bench.rate();
      measured(() => expect(offered).toBeGreaterThan(100_000));
      near(delivered, offered);
    });

    test('a limit on the link shapes; counters go on counting what is offered; without it all is as before', async () => {
      await bench.do(limitLink(LIMIT.middle));
      const limited = await bench.rate();
      near(limited.delivered, LIMIT.middle);
      measured(() => expect(limited.offered).toBeGreaterThan(2 * LIMIT.middle));
      await remove('link');
      const free = await bench.rate();
      near(free.delivered, free.offered);
    });

    test('the same rule again replaces it, also with another kind, and on another link', async () => {
      await bench.do(limitLink(LIMIT.middle, 'r'));
      await bench.do(limitLink(LIMIT.high, 'r'));
      near((await bench.rate()).delivered, LIMIT.high);
      await bench.do(limitTarget(LIMIT.low, 'r'));
      near((await bench.rate()).delivered, LIMIT.low);
      expect(await bench.rules()).toHaveLength(1);
      await bench.do({ kind: 'limit-link', ...mark('r'), link: OTHER_LINK, rateBytesPerSec: LIMIT.low });
      const { delivered, offered } = await bench.rate();
      near(delivered, offered);
      expect((await bench.rules()).map((each) => each.link)).toEqual([OTHER_LINK]);
      await remove('r');
    });

    test('a target has precedence over the link, a flow over both', async () => {
      await bench.do(limitLink(LIMIT.middle), limitTarget(LIMIT.high));
      near((await bench.rate()).delivered, LIMIT.high);
      await bench.do(limitFlow(0, LIMIT.low));
      near((await bench.rate()).delivered, LIMIT.high + LIMIT.low);
      await remove('target');
      near((await bench.rate()).delivered, LIMIT.middle + LIMIT.low);
      await remove('link', 'flow');
    });

    test('of two rules about the same packets the last applied counts, and the other one when it is gone', async () => {
      await bench.do(limitTarget(LIMIT.middle, 'first'));
      await bench.do(limitTarget(LIMIT.low, 'second'));
      near((await bench.rate()).delivered, LIMIT.low);
      await remove('second');
      near((await bench.rate()).delivered, LIMIT.middle);
      await remove('first');
    });

    test("a confirmed source has a class of its own under any limit but its flow's, until its time is over", async () => {
      const { entries } = await bench.read({ kind: 'sources', link: LINK, target: bench.target });
      expect(entries).toHaveLength(3);
      await bench.do(limitTarget(LIMIT.low), {
        kind: 'confirm-sources',
        link: LINK,
        sources: [attacker(0)],
        ttlMs: 4000,
      });
      // The three sources send alike: what gets through is measured against what is offered in the same window.
      const spared = await bench.rate();
      near(spared.delivered, spared.offered / 3 + LIMIT.low);
      await bench.do(limitFlow(0, LIMIT.low));
      near((await bench.rate()).delivered, 2 * LIMIT.low);
      await remove('flow');
      await bench.pass(3000);
      near((await bench.rate()).delivered, LIMIT.low);
      await remove('target');
    });

    test('a block drops all from a source, ends by itself, and is prolonged by repeating it', async () => {
      const share = async (windowMs?: number, settleMs?: number) => {
        const { delivered, offered } = await bench.rate(windowMs, settleMs);
        return delivered / offered;
      };
      await bench.do(block(0, 60_000), block(1, 60_000));
      near(await share(), 1 / 3);
      await bench.do(block(0, 1500));
      await bench.do(block(1, 4500));
      const blocks = await bench.rules();
      measured(() => expect(blocks, 'before the first has ended').toHaveLength(2));
      await bench.pass(1500);
      near(await share(800, 100), 2 / 3);
      await bench.pass(2500);
      near(await share(), 1);
      expect(await bench.rules()).toEqual([]);
      await bench.do(block(2, 60_000));
      await remove('block-2');
      near(await share(), 1);
    });

    test('commands take effect in the order in which they were given', async () => {
      await bench.do(
        limitLink(LIMIT.low),
        { kind: 'remove-rule', rule: mark('link').rule },
        limitLink(LIMIT.high),
      );
      expect(await bench.rules()).toMatchObject([{ rule: 'link', rateBytesPerSec: LIMIT.high }]);
      await bench.do(limitLink(LIMIT.low), { kind: 'remove-rule', rule: mark('link').rule });
      expect(await bench.rules()).toEqual([]);
      const { delivered, offered } = await bench.rate();
      near(delivered, offered);
    });

    test("removing is idempotent; an adoption changes award and owner of its award's rules, and nothing else", async () => {
      await remove('never', 'never');
      await bench.do(limitLink(LIMIT.low));
      const rule = mark('link').rule;
      await bench.do({ kind: 'remove-rule', rule, award: mark('x', 'a7.7').award });
      expect(await bench.rules(), 'of another award').toHaveLength(1);
      await bench.do({ kind: 'remove-rule', rule, award: mark('x').award });
      expect(await bench.rules()).toEqual([]);
      await bench.do(limitLink(LIMIT.middle), {
        kind: 'block-source',
        ...mark('other', 'a9.9'),
        link: LINK,
        source: attacker(1),
        ttlMs: 60_000,
      });
      const before = await bench.rules();
      const { award, owner } = { award: mark('x', 'a2.2').award, owner: before[0]?.owner ?? mark('x').owner };
      await bench.do({ kind: 'adopt-rules', fromAward: mark('x').award, toAward: award, owner });
      const after = await bench.rules();
      expect(after.find((each) => each.rule === 'link')).toEqual({
        ...before.find((each) => each.rule === 'link'),
        award,
        owner,
      });
      expect(after.find((each) => each.rule === 'other')).toEqual(
        before.find((each) => each.rule === 'other'),
      );
      near((await bench.rate()).delivered, LIMIT.middle);
      await remove('link', 'other');
    });

    test('takes thousands of blocks in reasonable time', async () => {
      const rules = Array.from({ length: 4000 }, (_, index) => ({
        kind: 'block-source' as const,
        ...mark(`many-${index}`),
        link: LINK,
        source: `172.16.${index >> 8}.${index & 255}` as ReturnType<typeof attacker>,
        ttlMs: 60_000,
      }));
      const begun = performance.now();
      await bench.do(...rules);
      measured(() => expect(performance.now() - begun).toBeLessThan(40_000));
      expect(await bench.rules()).toHaveLength(4000);
      const { delivered, offered } = await bench.rate();
      near(delivered, offered);
    });
  });
}

function describeServers(kind: 'twin' | 'linux'): void {
  describe('what the server does', () => {
    const test = testOn(kind);
    const requestsIn = async (bench: Bench, ms: number) => {
      bench.testbed.takeRequests();
      await bench.pass(ms);
      return bench.testbed.takeRequests().filter((each) => each.inTime).length;
    };

    test('handshakes are confirmed for readers alone; counters grow; with SYN cookies readers are served during a flood', async () => {
      const bench = await Bench.up(kind, smallNetwork({ synCookies: true }));
      try {
        await bench.readers();
        await bench.pass(1500);
        const calm = await requestsIn(bench, 2500);
        measured(() => expect(calm).toBeGreaterThan(20));
        await bench.flood();
        await bench.pass(1500);
        const flooded = await requestsIn(bench, 2500);
        measured(() => expect(flooded).toBeGreaterThan(calm * 0.6));
        const first = await bench.read({ kind: 'sources', link: LINK, target: bench.target });
        await bench.pass(500);
        const second = await bench.read({ kind: 'sources', link: LINK, target: bench.target });
        const attackers = new Set(bench.attackers);
        for (const entry of second.entries) {
          const earlier = first.entries.find((each) => each.source === entry.source);
          expect(entry.bytes).toBeGreaterThanOrEqual(earlier?.bytes ?? 0);
          expect(entry.syns).toBeGreaterThanOrEqual(earlier?.syns ?? 0);
          if (attackers.has(entry.source)) {
            expect(entry.confirmed).toBe(0);
            measured(() => expect(entry.syns).toBeGreaterThan(1000));
          } else measured(() => expect(entry.confirmed).toBeGreaterThan(3));
        }
        expect(second.entries).toHaveLength(7);
        const { sources } = await bench.read({ kind: 'confirmed', link: LINK });
        expect([...sources].sort()).toEqual(
          bench.testbed
            .truth()
            .users.map((each) => each.address)
            .sort(),
        );
        const { entries } = await bench.read({ kind: 'destinations', link: LINK });
        const served = entries.find((each) => each.target === bench.target);
        expect(served?.cookies).toBeGreaterThan(0);
        measured(() => {
          expect(served?.syns).toBeGreaterThan(3000);
          expect(served?.halfOpen).toBeGreaterThan(20);
        });
      } finally {
        await bench.close();
      }
    });

    test('without SYN cookies a flood fills the backlog and readers are not served, however much capacity there is', async () => {
      const bench = await Bench.up(kind, smallNetwork({ synCookies: false, capacity: 5_000_000 }));
      try {
        await bench.readers();
        await bench.pass(1500);
        const calm = await requestsIn(bench, 2000);
        await bench.flood();
        await bench.pass(2500);
        const flooded = await requestsIn(bench, 2500);
        measured(() => expect(flooded).toBeLessThan(calm * 0.3));
        const { entries } = await bench.read({ kind: 'destinations', link: LINK });
        const served = entries.find((each) => each.target === bench.target);
        expect(served?.cookies).toBe(0);
        measured(() => expect(served?.halfOpen).toBeGreaterThan(20));
      } finally {
        await bench.close();
      }
    });
  });
}
