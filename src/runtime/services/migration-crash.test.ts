import { afterEach, beforeEach, expect, test } from 'vitest';
import { isOver } from '../../core/lifecycle/operation-machine.ts';
import { nodeName } from '../../protocol/ids.ts';
import { awaited, farBench, farShop, placesOf } from './testing/far-shop.ts';
import type { ServiceBench } from './testing/service-bench.ts';
import { functionVnfd, PRIMITIVES } from './testing/shop-packages.ts';

let bench: ServiceBench;
let id = '';
beforeEach(async () => {
  bench = await farBench(functionVnfd('wall', { flavour: PRIMITIVES }));
  id = await farShop(bench, {
    members: { wall: { day1: { whom: 'world' } }, web: { sites: [nodeName('s0')] } },
  });
});
afterEach(() => bench.close());

const settled = async (): Promise<boolean> =>
  (await bench.manager.operations()).every(({ state }) => isOver(state) || state === 'FAILED_TEMP');

/** What runs is what the records say, and what is booked too: nothing more, nothing less. */
async function recordsHold(): Promise<void> {
  // What is given back is told to who keeps the books afterwards.
  await bench.pass(1000);
  const { units, chains } = (await bench.manager.get('shop')).shape;
  expect((await bench.twin.list()).map((each) => each.id).toSorted()).toEqual(
    units.map((each) => each.id).toSorted(),
  );
  const booked = Object.entries(bench.placer.booked()).flatMap(([host, all]) =>
    all.map((unit) => `${unit} ${host}`),
  );
  expect(booked.toSorted()).toEqual(units.map(({ unit, host }) => `${unit.id} ${host}`).toSorted());
  expect(
    bench.twin
      .chains()
      .map((each) => each.id)
      .toSorted(),
  ).toEqual(chains.map((each) => each.id).toSorted());
}

/** Whatever happens, one of the two carries traffic. */
const carries = () => expect(bench.twin.send(`${id}/graph/path/http`, 'n')).toBeDefined();

async function begun(): Promise<string> {
  const { operation } = await awaited(bench, bench.manager.improve('shop', {}));
  return operation?.id ?? '';
}

// One life ends after so many turns of the clock, 10 ms each: before, in, and after every step of the operation.
const MOMENTS = [0, 1, 2, 3, 4, 5, 6, 8, 12, 16, 18, 20, 22, 24, 26, 28, 30];

test.each(MOMENTS)(
  'killed %i turns into a migration: it comes about all the same, and traffic goes on',
  async (turns) => {
    const operation = await begun();
    for (let turn = 0; turn < turns; turn++) {
      await bench.pass(10);
      carries();
    }
    await bench.crash();
    carries();
    await bench.until(async () => {
      carries();
      return settled();
    });
    expect((await bench.manager.operation(operation)).state).toBe('COMPLETED');
    expect(await placesOf(bench)).toEqual(['wall/vm/1 h1 running', 'web/vm/0 h0 running']);
    carries();
    await recordsHold();
  },
);

test.each(MOMENTS)(
  'killed %i turns into a migration that fails: all is as it was, and traffic goes on',
  async (turns) => {
    bench.twin.spoil('vm', 'no such program');
    const operation = await begun();
    for (let turn = 0; turn < turns; turn++) {
      await bench.pass(10);
      carries();
    }
    await bench.crash();
    await bench.until(async () => {
      carries();
      return settled();
    });
    expect((await bench.manager.operation(operation)).state).toBe('ROLLED_BACK');
    expect(await placesOf(bench)).toEqual(['wall/vm/0 h2 running', 'web/vm/0 h0 running']);
    await recordsHold();
  },
);

test('killed again and again, and it still comes about', async () => {
  const operation = await begun();
  for (let n = 0; n < 12; n++) {
    await bench.pass(20);
    await bench.crash();
    carries();
  }
  await bench.until(settled);
  expect((await bench.manager.operation(operation)).state).toBe('COMPLETED');
  await recordsHold();
});
