import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServiceFile } from '../../protocol/service-file.ts';
import { ServiceFileSchema } from '../../protocol/service-file.ts';
import { farBench, farShop, placesOf } from './testing/far-shop.ts';
import { operationOver, type ServiceBench } from './testing/service-bench.ts';
import { functionVnfd } from './testing/shop-packages.ts';

/** To where it costs less nothing moves: it would have to save more than it does. */
const STAYS_PUT: Partial<ServiceFile> = { migration: { margin: 0.6 } };

let bench: ServiceBench;
beforeEach(async () => {
  bench = await farBench();
  await bench.onboard(functionVnfd('giant', { vcpus: 4 }), functionVnfd('colossus', { vcpus: 5 }));
});
afterEach(() => bench.close());

async function apply(capability: string, name = 'big') {
  const service = ServiceFileSchema.parse({ name, functions: [{ name: 'x', capability }] });
  return (await bench.manager.apply({ service })).operation;
}

const applied = async (capability: string) => operationOver(bench, await apply(capability));

/** Applied, and a unit of another service has begun to make room for it. */
async function applyUntilOneMoves() {
  await farShop(bench, STAYS_PUT);
  const operation = await apply('giant-image');
  await bench.until(async () => (await migrations()).length > 0);
  return operation;
}

const migrations = async () =>
  (await bench.manager.operations('shop')).filter(({ params }) => params.kind === 'migrate');

describe('a service for which enough is free, but nowhere in one piece', () => {
  test('is placed where a unit of another one makes room: that is moved make before break, and told why', async () => {
    await farShop(bench, STAYS_PUT);
    expect(await applied('giant-image')).toMatchObject({ state: 'COMPLETED' });
    expect(await placesOf(bench)).toEqual(['wall/vm/1 h1 running', 'web/vm/0 h0 running']);
    await bench.pass(1000);
    expect(bench.placer.booked()).toEqual({ h0: ['web/vm/0'], h1: ['wall/vm/1'], h2: ['x/vm/0'] });
    const [migration] = await migrations();
    expect(migration).toMatchObject({
      automatic: true,
      state: 'COMPLETED',
      reason: expect.stringMatching(/^room for big: wall\/vm\/0 from h2 to h1; it costs 125000 instead of/),
    });
    expect(bench.trouble).toEqual([]);
  });

  test('is refused where the other one is to stay', async () => {
    await farShop(bench, { migration: 'off' });
    const { state, errors } = await applied('giant-image');
    expect(state).not.toBe('COMPLETED');
    expect(errors[0]?.message).toMatch(/no place is found/);
    expect(await migrations()).toEqual([]);
    expect(await placesOf(bench)).toContain('wall/vm/0 h2 running');
  });

  test('is refused, and nobody moves, where no room can be made for it', async () => {
    await farShop(bench, STAYS_PUT);
    expect((await applied('colossus-image')).state).not.toBe('COMPLETED');
    expect(await migrations()).toEqual([]);
  });

  test('is refused where what was to make room does not come up elsewhere, and that stays as it was', async () => {
    await farShop(bench, STAYS_PUT);
    const { start } = bench.twin;
    Object.assign(bench.twin, {
      start: async (order: Parameters<typeof start>[0]) => {
        await start(order);
        if (order.unit.id === 'wall/vm/1') bench.twin.fail(`${order.service}/wall/vm/1`, 'out of memory');
      },
    });
    const { state, errors } = await applied('giant-image');
    expect(state).not.toBe('COMPLETED');
    expect(errors[0]?.message).toMatch(/no place is found/);
    expect((await migrations()).map((each) => each.state)).toEqual(['ROLLED_BACK']);
    expect(await placesOf(bench)).toEqual(['wall/vm/0 h2 running', 'web/vm/0 h0 running']);
  });

  test('is placed also after a crash in the middle of it', async () => {
    const operation = await applyUntilOneMoves();
    await bench.crash();
    expect((await operationOver(bench, operation)).state).toBe('COMPLETED');
    expect((await migrations()).map(({ state }) => state)).toEqual(['COMPLETED']);
    await bench.pass(1000);
    expect(bench.placer.booked()).toEqual({ h0: ['web/vm/0'], h1: ['wall/vm/1'], h2: ['x/vm/0'] });
  });

  test('waits for nobody else: while room is made for another one it is refused, and told so', async () => {
    await farShop(bench, STAYS_PUT);
    const [first, second] = await Promise.all(['big', 'grand'].map((name) => apply('giant-image', name)));
    const ended = [await operationOver(bench, first), await operationOver(bench, second)];
    expect(ended.filter(({ state }) => state === 'COMPLETED')).toHaveLength(1);
    const refused = ended.find(({ state }) => state !== 'COMPLETED');
    expect(refused?.errors[0]?.message).toMatch(
      /others may make room for it, and do so for another service now/,
    );
    expect(await migrations()).toHaveLength(1);
  });

  test('is not waited for any longer once it is cancelled: the move that has begun goes on by itself', async () => {
    const operation = await applyUntilOneMoves();
    await bench.manager.cancel(operation?.id ?? '');
    expect((await operationOver(bench, operation)).state).not.toBe('COMPLETED');
    const [migration] = await migrations();
    expect((await operationOver(bench, migration)).state).toBe('COMPLETED');
    await bench.pass(1000);
    expect(bench.placer.booked()).toEqual({ h0: ['web/vm/0'], h1: ['wall/vm/1'] });
  });
});
