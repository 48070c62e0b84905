import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isOver } from '../../core/lifecycle/operation-machine.ts';
import { serviceAlarms } from '../up/service-alarms.ts';
import { type ServiceBench, serviceBench } from './testing/service-bench.ts';
import { functionVnfd, PRIMITIVES, shopNsd } from './testing/shop-packages.ts';

let bench: ServiceBench;
beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(
    functionVnfd('wall'),
    functionVnfd('web', { flavour: PRIMITIVES }),
    shopNsd('wall', 'web'),
  );
});
afterEach(() => bench.close());

const SHOP = { name: 'shop', nsd: 'shop-ns', members: { web: { day1: { whom: 'world' } } } };

const settled = async (): Promise<boolean> => {
  const all = await bench.manager.operations();
  return all.every(({ state }) => isOver(state) || state === 'FAILED_TEMP');
};

/** What runs is what the records say, and what is booked too: nothing more, nothing less. */
async function recordsHold(): Promise<void> {
  const services = await bench.manager.list();
  const units = services.flatMap(({ shape }) => shape.units);
  expect((await bench.twin.list()).map(({ id }) => id).toSorted()).toEqual(
    units.map(({ id }) => id).toSorted(),
  );
  const booked = Object.entries(bench.placer.booked()).flatMap(([host, all]) =>
    all.map((unit) => `${unit} ${host}`),
  );
  expect(booked.toSorted()).toEqual(units.map(({ unit, host }) => `${unit.id} ${host}`).toSorted());
  const chains = services.flatMap(({ shape }) => shape.chains.map(({ id }) => id));
  expect(
    bench.twin
      .chains()
      .map(({ id }) => id)
      .toSorted(),
  ).toEqual(chains.toSorted());
  const holders = (await bench.packages.view()).keys('use/');
  expect(holders).toHaveLength(services.flatMap(({ held }) => held).length);
}

// One life ends after so many steps of the clock, 10 ms each: before, in, and after every step of the operation.
const MOMENTS = [0, 1, 2, 3, 5, 8, 12, 18, 20, 21, 22, 23, 25, 30];

test.each(MOMENTS)(
  'killed %i turns after it was applied: the service comes about all the same, each unit once',
  async (turns) => {
    const { operation } = await bench.manager.apply({ service: SHOP });
    await bench.pass(turns * 10);
    await bench.crash();
    await bench.until(settled);
    expect((await bench.manager.operation(operation?.id ?? '')).state).toBe('COMPLETED');
    const service = await bench.manager.get('shop');
    expect(service.shape.units.map(({ unit, state }) => `${unit.id} ${state}`)).toEqual([
      'wall/vm/0 running',
      'web/vm/0 running',
    ]);
    expect(bench.twin.send(`${service.id}/graph/path/http`, 'n')).toBeDefined();
    await recordsHold();
  },
);

test.each(MOMENTS)(
  'killed %i turns into an update that fails: it is rolled back all the same',
  async (turns) => {
    await bench.manager.apply({ service: SHOP });
    await bench.until(settled);
    bench.twin.spoil('vm', 'no such program');
    const { operation } = await bench.manager.apply({ service: { ...SHOP, parameters: { colour: 'blue' } } });
    await bench.pass(turns * 10);
    await bench.crash();
    await bench.until(settled);
    expect((await bench.manager.operation(operation?.id ?? '')).state).toBe('ROLLED_BACK');
    expect((await bench.manager.get('shop')).shape.units.map(({ unit }) => unit.id)).toEqual([
      'wall/vm/0',
      'web/vm/0',
    ]);
    await recordsHold();
  },
);

test.each(MOMENTS)('killed %i turns into its termination: it ends all the same', async (turns) => {
  await bench.manager.apply({ service: SHOP });
  await bench.until(settled);
  await bench.manager.terminate('shop', { remove: true });
  await bench.pass(turns * 10);
  await bench.crash();
  await bench.until(async () => (await settled()) && (await bench.manager.list()).length === 0);
  await recordsHold();
  expect(await bench.twin.list()).toEqual([]);
});

test('killed again and again, and it still comes about', async () => {
  const { operation } = await bench.manager.apply({ service: SHOP });
  for (let n = 0; n < 12; n++) {
    await bench.pass(20);
    await bench.crash();
  }
  await bench.until(settled);
  expect((await bench.manager.operation(operation?.id ?? '')).state).toBe('COMPLETED');
  await recordsHold();
});

test('what runs and stands in no record is stopped, and what stands there and does not run is healed', async () => {
  await bench.manager.apply({ service: SHOP });
  await bench.until(settled);
  const { id, shape } = await bench.manager.get('shop');
  const [wall, web] = shape.units;
  if (wall === undefined || web === undefined) throw new Error('two units are expected');
  await bench.twin.stop(wall.id);
  const { host, unit } = web;
  const stray = {
    id: 'gone/web/vm/7',
    service: 'gone',
    unit,
    host: host ?? '',
    image: { catalogue: 'x' },
    interfaces: [],
    parameters: {},
  };
  await bench.twin.start(stray);
  await bench.crash();
  expect((await bench.twin.list()).map((each) => each.id)).toEqual([web.id]);
  await bench.until(async () => {
    const now = await bench.manager.get('shop');
    return now.operation === null && now.shape.units.every(({ state }) => state === 'running');
  });
  expect((await bench.twin.list()).map((each) => each.id).toSorted()).toEqual([`${id}/wall/vm/1`, web.id]);
  await recordsHold();
});

test('a primitive that was being carried out is not carried out again unasked', async () => {
  await bench.close();
  let calls = 0;
  bench = await serviceBench({
    exec: (_, command) => {
      if (command[0] === 'paint') calls += 1;
      return {};
    },
  });
  await bench.onboard(
    functionVnfd('wall'),
    functionVnfd('web', { flavour: PRIMITIVES }),
    shopNsd('wall', 'web'),
  );
  await bench.manager.apply({ service: SHOP });
  await bench.until(settled);
  // The life ends after it has begun, and before what came of it is stored.
  const exec = bench.twin.exec;
  Object.assign(bench.twin, { exec: () => new Promise(() => {}) });
  const operation = await bench.manager.action('shop', { vnf: 'web', primitive: 'paint', parameters: {} });
  await bench.pass(50);
  Object.assign(bench.twin, { exec });
  await bench.crash();
  const found = await bench.manager.operation(operation.id);
  expect(found).toMatchObject({ state: 'FAILED' });
  expect(found.errors[0]?.message).toContain('not known');
  // Whoever has listened from the first moment is told.
  expect(bench.told[0]).toEqual({ kind: 'operation', operation: found });
  expect(calls).toBe(0);
  await bench.manager.action('shop', { vnf: 'web', primitive: 'paint', parameters: {} });
  await bench.until(settled);
  expect(calls).toBe(1);
});

test('a healing that has come to nothing leaves nothing booked for what has failed, also after a crash', async () => {
  await bench.manager.apply({ service: SHOP });
  await bench.until(settled);
  const { id } = await bench.manager.get('shop');
  bench.twin.spoil('vm', 'its disk is full');
  bench.twin.fail(`${id}/web/vm/0`, 'its disk is full');
  await bench.until(async () =>
    (await bench.manager.operations()).some(({ state }) => state === 'ROLLED_BACK'),
  );
  const booked = () => Object.values(bench.placer.booked()).flat();
  expect(booked()).toEqual(['wall/vm/0']);
  await bench.crash();
  await bench.until(settled);
  expect(booked()).toEqual(['wall/vm/0']);
});

test('a service that does not fit where it runs is healed elsewhere; the others are taken over as they are', async () => {
  const plain = { nsd: 'shop-ns', members: { web: { day1: { whom: 'world' }, sites: ['north'] } } };
  for (const name of ['first', 'second']) {
    await bench.manager.apply({ service: { ...plain, name } });
    await bench.until(settled);
  }
  const { units } = (await bench.manager.get('first')).shape;
  const { adopt } = bench.placer;
  const misfit = vi.spyOn(bench.placer, 'adopt').mockImplementationOnce(async (all) => {
    const last = all.at(-1)?.graph.service ?? '';
    await adopt(all.slice(0, -1));
    return [{ service: last, reason: 'host north-1 has 1 of 2 vCPU', mustLeave: true }];
  });
  await bench.crash();
  expect(misfit).toHaveBeenCalledOnce();
  expect((await bench.manager.get('second')).shape.units[0]).toMatchObject({
    state: 'failed',
    reason: 'there is no room for it on north-1 any more: host north-1 has 1 of 2 vCPU',
  });
  expect(bench.trouble.join('\n')).toContain(
    'second cannot be booked where it runs: host north-1 has 1 of 2 vCPU; its units are healed',
  );
  await bench.until(async () =>
    (await bench.manager.get('second')).shape.units.every(({ state }) => state === 'running'),
  );
  await bench.until(settled);
  expect((await bench.manager.get('first')).shape.units).toEqual(units);
  expect((await bench.manager.get('second')).shape.units.map(({ unit }) => unit.id)).toEqual([
    'wall/vm/1',
    'web/vm/1',
  ]);
  await recordsHold();
});

test.each([
  { turns: 4, state: 'ROLLED_BACK', errors: ['what it had booked is lost: no room'] },
  { turns: 22, state: 'COMPLETED', errors: [] },
])(
  'an update whose places are lost $turns turns into it ends $state, and nothing is left of it',
  async ({ turns, state, errors }) => {
    await bench.manager.apply({ service: SHOP });
    await bench.until(settled);
    const { operation } = await bench.manager.apply({ service: { ...SHOP, parameters: { colour: 'blue' } } });
    await bench.pass(turns * 10);
    const { id } = await bench.manager.get('shop');
    vi.spyOn(bench.placer, 'adopt').mockImplementationOnce(async () => {
      await bench.placer.release(id);
      return [{ service: id, reason: 'no room', mustLeave: true }];
    });
    await bench.crash();
    await bench.until(settled);
    const ended = await bench.manager.operation(operation?.id ?? '');
    expect(ended).toMatchObject({ state, errors: errors.map((message) => ({ message })) });
    await bench.until(async () =>
      (await bench.manager.get('shop')).shape.units.every(({ state }) => state === 'running'),
    );
    await bench.until(settled);
    await recordsHold();
  },
);

test('a service whose booking nobody answers for goes on, and an alarm says so until its units are new', async () => {
  await bench.manager.apply({ service: SHOP });
  await bench.until(settled);
  const { id, shape } = await bench.manager.get('shop');
  vi.spyOn(bench.placer, 'adopt').mockResolvedValueOnce([
    { service: id, reason: 'the agent of north is silent', mustLeave: false },
  ]);
  await bench.crash();
  const alarms = () =>
    serviceAlarms(bench.manager.services, [], [], bench.manager.unbooked).map(({ text }) => text);
  expect(alarms()).toEqual([
    expect.stringContaining('shop could not be booked where it runs (the agent of north is silent)'),
  ]);
  expect((await bench.twin.list()).map(({ state }) => state)).toEqual(['running', 'running']);
  await bench.manager.heal('shop', { units: shape.units.map((each) => each.id) });
  await bench.until(settled);
  expect(alarms()).toEqual([]);
});
