import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { chainOfUnits, unit } from '../../core/placement/testing/small-substrate.ts';
import { nodeName } from '../../protocol/ids.ts';
import { awaited, farBench, farShop, placesOf, shopFile } from './testing/far-shop.ts';
import { operationOver, type ServiceBench } from './testing/service-bench.ts';

const NEVER = new AbortController().signal;

let bench: ServiceBench;
beforeEach(async () => {
  bench = await farBench();
});
afterEach(() => bench.close());

const improve = (request: object = {}) => awaited(bench, bench.manager.improve('shop', request));

describe('a service that would cost less elsewhere', () => {
  test('is asked about: what would move, and what it would save; nothing is booked', async () => {
    await farShop(bench);
    const before = bench.placer.booked();
    const improved = await improve({ dryRun: true });
    expect(improved).toMatchObject({
      outcome: 'planned',
      cost: { now: 250_000, after: 125_000 },
      moves: [{ unit: 'wall/vm/0', from: { host: 'h2' }, to: { host: 'h1' } }],
    });
    expect(improved.reason).toBe(
      'it would cost 125000 instead of 250000 bytes/s x hops: 50 % less, where a move has to save 10 %; wall/vm/0 from h2 to h1',
    );
    await bench.pass(1000);
    expect(bench.placer.booked()).toEqual(before);
    expect(await placesOf(bench)).toEqual(['wall/vm/0 h2 running', 'web/vm/0 h0 running']);
  });

  test('has its unit moved make before break: both places are booked while both run', async () => {
    const id = await farShop(bench);
    const happened: string[] = [];
    const bothBooked = () =>
      expect(bench.placer.booked()).toEqual({ h0: ['web/vm/0'], h1: ['wall/vm/1'], h2: ['wall/vm/0'] });
    const { start, setChain, stop } = bench.twin;
    Object.assign(bench.twin, {
      start: async (order: Parameters<typeof start>[0]) => {
        happened.push(`start ${order.unit.id}`);
        bothBooked();
        return start(order);
      },
      setChain: async (order: Parameters<typeof setChain>[0]) => {
        const runs = (await bench.twin.list()).filter(({ state }) => state === 'running');
        happened.push(`chain through ${order.hops[0]?.unit.slice(id.length + 1)}, ${runs.length} run`);
        bothBooked();
        return setChain(order);
      },
      stop: async (unit: string) => {
        happened.push(`stop ${unit.slice(id.length + 1)}`);
        bothBooked();
        return stop(unit);
      },
    });
    const { operation, outcome } = await improve();
    expect(outcome).toBe('begun');
    const done = await operationOver(bench, operation);
    expect(done).toMatchObject({ state: 'COMPLETED', automatic: false, params: { kind: 'migrate' } });
    expect(happened).toEqual([
      'start wall/vm/1',
      'chain through wall/vm/1, 3 run',
      'chain through wall/vm/1, 3 run',
      'stop wall/vm/0',
    ]);
    expect(await placesOf(bench)).toEqual(['wall/vm/1 h1 running', 'web/vm/0 h0 running']);
    await bench.pass(1000);
    expect(bench.placer.booked()).toEqual({ h0: ['web/vm/0'], h1: ['wall/vm/1'] });
    expect(bench.twin.send(`${id}/graph/path/http`, 'n')?.request.map(({ unit }) => unit)).toEqual([
      `${id}/wall/vm/1`,
      `${id}/web/vm/0`,
    ]);
    // As it is now it is as good as it gets; applied again it is as it was asked for.
    expect(await improve()).toMatchObject({ outcome: 'unchanged', cost: { now: 125_000, after: 125_000 } });
    expect((await bench.manager.apply({ service: shopFile() })).outcome).toBe('unchanged');
  });

  test('stays where a move does not save its part, and is told so', async () => {
    await farShop(bench);
    const { outcome, reason } = await improve({ margin: 0.6 });
    expect([outcome, reason]).toEqual([
      'unchanged',
      'of at most 1 moves none saves 60 % of the 250000 bytes/s x hops that it costs',
    ]);
  });

  test('stays, with its booking alone, when the new unit does not come up', async () => {
    const id = await farShop(bench);
    bench.twin.spoil('vm', 'no such program');
    const { operation } = await improve();
    expect((await operationOver(bench, operation)).state).toBe('ROLLED_BACK');
    await bench.pass(1000);
    expect(bench.placer.booked()).toEqual({ h0: ['web/vm/0'], h2: ['wall/vm/0'] });
    expect(await placesOf(bench)).toEqual(['wall/vm/0 h2 running', 'web/vm/0 h0 running']);
    expect(bench.twin.send(`${id}/graph/path/http`, 'n')).toBeDefined();
  });

  test('stays when what was offered is taken by another meanwhile', async () => {
    await farShop(bench);
    const offer = bench.placer.offer;
    Object.assign(bench.placer, {
      offer: async (...args: Parameters<typeof offer>) => {
        const outcome = await offer(...args);
        const taken = chainOfUnits('other', [unit('x', 1, { sites: [nodeName('s1')] })], 0);
        await bench.placer.place({ id: 'other', graph: taken, keep: [], avoidSites: [] }, NEVER);
        return outcome;
      },
    });
    const { operation } = await improve();
    const done = await operationOver(bench, operation);
    expect(done.state).toBe('ROLLED_BACK');
    expect(done.errors[0]?.message).toMatch(/no place is found/);
    expect(bench.placer.booked()).toEqual({ h0: ['web/vm/0'], h1: ['x'], h2: ['wall/vm/0'] });
  });
});

describe('by itself', () => {
  const migrations = async () =>
    (await bench.manager.operations('shop')).filter(({ params }) => params.kind === 'migrate');
  const endBlocker = async () =>
    operationOver(bench, await bench.manager.terminate('blocker', { remove: true }));
  /** Time in which nothing is looked at in between. */
  const later = async (ms: number) => {
    bench.clock.runUntil(bench.clock.nowMs() + ms);
    await bench.pass(1000);
  };

  test('Muster moves what leads flows on, some seconds after room has come, and says why', async () => {
    await farShop(bench, { migration: {} }, false);
    await later(60_000);
    expect(await migrations()).toEqual([]);
    await endBlocker();
    const tookMs = await bench.until(async () => (await placesOf(bench)).includes('wall/vm/1 h1 running'));
    expect(tookMs).toBeGreaterThanOrEqual(4900);
    expect(tookMs).toBeLessThan(8000);
    const [migration] = await migrations();
    expect(migration).toMatchObject({
      automatic: true,
      reason: expect.stringContaining('125000 instead of 250000'),
    });
    // There is nothing more to gain, however often it is asked about.
    for (let n = 0; n < 20; n++) await later(600_000);
    expect(await migrations()).toHaveLength(1);
  });

  test('it does so now and then where nothing has happened', async () => {
    await farShop(bench, { migration: { margin: 0.6 } });
    await later(60_000);
    const { wanted } = await bench.manager.get('shop');
    await bench.manager.apply({ service: { ...wanted, migration: { margin: 0.4 } } });
    await later(500_000);
    expect(await migrations()).toEqual([]);
    await later(100_000);
    await bench.until(async () => (await placesOf(bench)).includes('wall/vm/1 h1 running'));
  });

  test.each([
    ['it is off', { migration: 'off' as const }],
    ['a move has to save more', { migration: { margin: 0.6 } }],
    ['other members are named', { migration: { members: ['web'] } }],
  ])('nothing moves when %s', async (_, file) => {
    await farShop(bench, file);
    for (let n = 0; n < 5; n++) await later(600_000);
    expect(await migrations()).toEqual([]);
    expect(await placesOf(bench)).toContain('wall/vm/0 h2 running');
  });

  test('no more often within an hour than it may, also after a crash', async () => {
    const file = { migration: { perHour: 1 } };
    await farShop(bench, file);
    await later(60_000);
    await bench.until(async () => (await placesOf(bench)).includes('wall/vm/1 h1 running'));
    const fromMs = bench.clock.nowMs();
    // An operator has it elsewhere, and lets it go.
    for (const wall of [{ sites: [nodeName('s2')] }, {}]) {
      const members = { web: { sites: [nodeName('s0')] }, wall };
      const { operation } = await bench.manager.apply({ service: shopFile({ ...file, members }) });
      if (operation !== undefined) await operationOver(bench, operation);
    }
    expect(await placesOf(bench)).toContain('wall/vm/2 h2 running');
    await bench.crash();
    for (let n = 0; n < 5; n++) await later(600_000);
    expect(await migrations()).toHaveLength(1);
    await later(600_000);
    await bench.until(async () => (await placesOf(bench)).includes('wall/vm/3 h1 running'));
    expect(bench.clock.nowMs() - fromMs).toBeGreaterThan(3_600_000);
  });

  test('nothing moves while a unit of the service does not run', async () => {
    const id = await farShop(bench, {
      migration: {},
      members: { web: { sites: [nodeName('s0')], healingCooldownMs: { vm: 3_000_000 } } },
    });
    for (const number of [0, 1]) {
      bench.twin.fail(`${id}/web/vm/${number}`, 'out of memory');
      await bench.pass(2000);
    }
    for (let n = 0; n < 3; n++) await later(600_000);
    expect(await migrations()).toEqual([]);
    expect((await bench.manager.get('shop')).notes).toHaveLength(1);
  });
});

describe('a migration that Muster has begun', () => {
  /** As soon as the new unit is ordered. */
  const onceOrdered = (what: () => void) => {
    const { start } = bench.twin;
    Object.assign(bench.twin, {
      start: async (order: Parameters<typeof start>[0]) => {
        Object.assign(bench.twin, { start });
        await start(order);
        what();
      },
    });
  };
  const begun = async () => {
    await farShop(bench, { migration: {} });
    const moved = async () =>
      (await bench.manager.operations('shop')).find(({ params }) => params.kind === 'migrate');
    return {
      moved,
      over: async () => {
        await bench.until(async () => (await moved())?.state !== undefined);
        return operationOver(bench, await moved());
      },
    };
  };

  test('is undone at once when the site of the new unit is lost, and what had stayed there ends when it is back', async () => {
    const { over, moved } = await begun();
    let atMs = 0;
    onceOrdered(() => {
      atMs = bench.clock.nowMs();
      bench.twin.cutOff('h1');
      bench.keeper.siteLost('s1');
    });
    await bench.until(async () => ['ROLLING_BACK', 'ROLLED_BACK'].includes((await moved())?.state ?? ''));
    expect((await over()).state).toBe('ROLLED_BACK');
    expect(bench.clock.nowMs() - atMs).toBeLessThan(1000);
    expect(await placesOf(bench)).toEqual(['wall/vm/0 h2 running', 'web/vm/0 h0 running']);
    bench.twin.putBack('h1');
    await bench.keeper.siteBack('s1');
    await bench.pass(1000);
    expect((await bench.twin.list()).map(({ host }) => host).toSorted()).toEqual(['h0', 'h2']);
    expect(bench.placer.booked()).toEqual({ h0: ['web/vm/0'], h2: ['wall/vm/0'] });
  });

  test('gives way when another unit has failed', async () => {
    const { moved } = await begun();
    const { id } = await bench.manager.get('shop');
    // It would be waited for.
    vi.spyOn(bench.twin, 'onChange').mockReturnValueOnce(() => {});
    let atMs = 0;
    onceOrdered(() => {
      atMs = bench.clock.nowMs();
      bench.twin.fail(`${id}/web/vm/0`, 'out of memory');
    });
    await bench.until(async () => (await moved())?.state === 'ROLLED_BACK');
    expect(bench.clock.nowMs() - atMs).toBeLessThan(1000);
    await bench.until(async () => (await placesOf(bench)).includes('web/vm/1 h0 running'), 2000);
    expect(bench.twin.send(`${id}/graph/path/http`, 'n')).toBeDefined();
  });

  test('goes on when the unit that it moves has failed: the new one is its healing', async () => {
    const { over } = await begun();
    const { id } = await bench.manager.get('shop');
    onceOrdered(() => bench.twin.fail(`${id}/wall/vm/0`, 'out of memory'));
    expect((await over()).state).toBe('COMPLETED');
    expect(await placesOf(bench)).toEqual(['wall/vm/1 h1 running', 'web/vm/0 h0 running']);
    await bench.pass(2000);
    expect(bench.placer.booked()).toEqual({ h0: ['web/vm/0'], h1: ['wall/vm/1'] });
  });
});
