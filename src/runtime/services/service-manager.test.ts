import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkStamps } from '../../adapters/infrastructure-twin/stamps.ts';
import { isOver } from '../../core/lifecycle/operation-machine.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import { deletePackage } from '../packages/delete-package.ts';
import { operationOver, type ServiceBench, serviceBench } from './testing/service-bench.ts';
import { functionVnfd, PRIMITIVES, shopNsd } from './testing/shop-packages.ts';

let bench: ServiceBench;
beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(functionVnfd('wall'), functionVnfd('web'), shopNsd('wall', 'web'));
});
afterEach(() => bench.close());

const SHOP = { name: 'shop', nsd: 'shop-ns' };

const over = (operation: Operation | undefined) => operationOver(bench, operation);

async function nothingIsLeft(): Promise<void> {
  expect(await bench.twin.list()).toEqual([]);
  expect(bench.twin.chains()).toEqual([]);
  expect(bench.placer.booked()).toEqual({});
  expect((await bench.packages.view()).keys('use/')).toEqual([]);
}

describe('a service', () => {
  test('is applied, carries traffic through its chain and back, is listed, and ends without a trace', async () => {
    const applied = await bench.manager.apply({ service: SHOP });
    expect(applied.outcome).toBe('created');
    expect(applied.operation?.state).toBe('PROCESSING');
    expect(await over(applied.operation)).toMatchObject({ state: 'COMPLETED', errors: [] });
    const [service] = await bench.manager.list();
    expect(service).toMatchObject({ name: 'shop', state: 'INSTANTIATED', operation: null });
    expect(service?.shape.units.map(({ unit, state }) => `${unit.id} ${state}`)).toEqual([
      'wall/vm/0 running',
      'web/vm/0 running',
    ]);
    const id = service?.id ?? '';
    const through = [`${id}/wall/vm/0`, `${id}/web/vm/0`];
    const journey = bench.twin.send(`${id}/graph/path/http`, 'nonce');
    expect(
      checkStamps('nonce', 'request', journey?.request ?? [], through, bench.twin.keyOf),
    ).toBeUndefined();
    expect(
      checkStamps('nonce', 'reply', journey?.reply ?? [], through.toReversed(), bench.twin.keyOf),
    ).toBeUndefined();
    expect(
      checkStamps('nonce', 'request', journey?.request ?? [], through.toReversed(), bench.twin.keyOf),
    ).toContain('hop 1');
    await over(await bench.manager.terminate('shop', {}));
    expect(await bench.manager.get('shop')).toMatchObject({
      state: 'NOT_INSTANTIATED',
      shape: { units: [] },
    });
    await nothingIsLeft();
    await bench.manager.remove('shop');
    expect(await bench.manager.list()).toEqual([]);
  });

  test('applied again unchanged: nothing is done', async () => {
    const { operation } = await bench.manager.apply({ service: SHOP });
    expect(await bench.manager.apply({ service: SHOP })).toMatchObject({
      outcome: 'unchanged',
      operation: { id: operation?.id },
    });
    await over(operation);
    expect(await bench.manager.apply({ service: SHOP })).toMatchObject({
      outcome: 'unchanged',
      changes: [],
      operation: undefined,
    });
    expect(await bench.manager.operations('shop')).toHaveLength(1);
  });

  test('a dry run tells everything and leaves nothing', async () => {
    const planned = await bench.manager.apply({ service: SHOP, dryRun: true });
    expect(planned).toMatchObject({ outcome: 'planned', service: undefined, operation: undefined });
    expect(planned.changes.map(({ about, change }) => `${about} ${change}`)).toEqual([
      'service shop is created',
      'unit wall/vm/0 is started',
      'unit web/vm/0 is started',
    ]);
    expect(await bench.manager.list()).toEqual([]);
    await nothingIsLeft();
  });

  test('changed: what changes is replaced, the new before the old, and the chain with it', async () => {
    await over((await bench.manager.apply({ service: SHOP })).operation);
    const { id } = await bench.manager.get('shop');
    const changed = { ...SHOP, members: { web: { parameters: { colour: 'blue' } } } };
    const applied = await bench.manager.apply({ service: changed });
    expect(applied.outcome).toBe('updated');
    expect(applied.changes.map(({ about }) => about)).toContain('members.web.parameters.colour');
    // While it is under way both are there, and the chain never breaks.
    let most = 0;
    await bench.until(async () => {
      most = Math.max(most, (await bench.twin.list()).length);
      expect(bench.twin.send(`${id}/graph/path/http`, 'n')).toBeDefined();
      return isOver((await bench.manager.operation(applied.operation?.id ?? '')).state);
    });
    expect(most).toBe(3);
    expect((await bench.twin.list()).map((each) => each.id)).toEqual([`${id}/wall/vm/0`, `${id}/web/vm/1`]);
    expect(bench.twin.send(`${id}/graph/path/http`, 'n')?.request.map(({ unit }) => unit)).toEqual([
      `${id}/wall/vm/0`,
      `${id}/web/vm/1`,
    ]);
    expect(Object.values(bench.placer.booked()).flat().toSorted()).toEqual(['wall/vm/0', 'web/vm/1']);
  });

  test('changed: a successor that is asked for by the address of the old one is ordered instead of it', async () => {
    await over((await bench.manager.apply({ service: SHOP })).operation);
    const { id } = await bench.manager.get('shop');
    const { start } = bench.twin;
    const ordered: Parameters<typeof start>[0][] = [];
    Object.assign(bench.twin, {
      start: (order: Parameters<typeof start>[0]) => {
        ordered.push(order);
        return start(order);
      },
    });
    const members = { web: { parameters: { colour: 'blue' } }, wall: { parameters: { colour: 'blue' } } };
    await over((await bench.manager.apply({ service: { ...SHOP, members } })).operation);
    const told = ordered.map((each) => [each.id, each.insteadOf]);
    // The web server has an address that the descriptor gives; the wall has not.
    expect(told).toEqual([
      [`${id}/wall/vm/1`, undefined],
      [`${id}/web/vm/1`, `${id}/web/vm/0`],
    ]);
  });

  test('a dry run refuses a chain that cannot be', async () => {
    const apart =
      'constituent-base-element-id: wall, ingress-constituent-cpd-id: data-ext, egress-constituent-cpd-id';
    await bench.onboard(shopNsd('wall', 'web').replace(`${apart}: data-ext`, `${apart}: mgmt-ext`));
    await expect(bench.manager.apply({ service: SHOP, dryRun: true })).rejects.toMatchObject({
      code: 'BAD_SERVICE',
      message: expect.stringContaining('wall sends to the virtual link mgmt, and web listens at data'),
    });
  });

  test('a structural change is refused as OSM does, and a second operation at a time', async () => {
    await bench.onboard(shopNsd('web', 'wall', 'other-ns'));
    const { operation } = await bench.manager.apply({ service: SHOP });
    await expect(bench.manager.terminate('shop', {})).rejects.toMatchObject({ code: 'CONFLICT' });
    await over(operation);
    await expect(bench.manager.apply({ service: { ...SHOP, nsd: 'other-ns' } })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('shop-ns'),
    });
    expect((await bench.manager.get('shop')).nsdId).toBe('shop-ns');
  });

  test('what cannot be is refused with every reason, before anything is there', async () => {
    const wanted = { ...SHOP, members: { wbe: { sites: undefined }, web: { levels: { nothing: 1 } } } };
    const refused = bench.manager.apply({ service: JSON.parse(JSON.stringify(wanted)) });
    await expect(refused).rejects.toMatchObject({ code: 'BAD_SERVICE' });
    await expect(refused).rejects.toThrow(
      /no such member[\s\S]*did you mean web[\s\S]*no scaling aspect nothing/,
    );
    expect(await bench.manager.list()).toEqual([]);
  });
});

test('a site that is not there is refused before anything is, and those that are there are named', async () => {
  const wanted = { ...SHOP, members: { web: { sites: ['south', 'mars'] } } };
  for (const dryRun of [true, false]) {
    await expect(bench.manager.apply({ service: wanted, dryRun })).rejects.toMatchObject({
      code: 'BAD_SERVICE',
      message: 'web/vm/0 is to run at mars, and there is no such site',
      hint: 'there are north, south',
    });
  }
  expect(await bench.manager.list()).toEqual([]);
});

describe('what does not come about', () => {
  test('no place: nothing is left, and the reason is told', async () => {
    await bench.onboard(functionVnfd('huge', { vcpus: 99 }), shopNsd('wall', 'huge', 'huge-ns'));
    const { operation } = await bench.manager.apply({ service: { name: 'huge', nsd: 'huge-ns' } });
    const ended = await over(operation);
    expect(ended.state).toBe('ROLLED_BACK');
    expect(ended.errors[0]?.message).toContain('no host has 99 vCPU free for web/vm/0');
    await nothingIsLeft();
    expect((await bench.manager.get('huge')).state).toBe('NOT_INSTANTIATED');
  });

  test('a unit that fails: waits for the operator when asked to; retry goes on, the rest stays', async () => {
    bench.twin.spoil('vm', 'no such program');
    const { operation } = await bench.manager.apply({ service: SHOP, onFailure: 'wait' });
    const waiting = await over(operation);
    expect(waiting.state).toBe('FAILED_TEMP');
    expect(waiting.errors[0]).toMatchObject({
      step: 'await-health',
      message: expect.stringContaining('no such program'),
    });
    bench.twin.spoil('vm', undefined);
    await bench.manager.retry(waiting.id);
    expect((await over(waiting)).state).toBe('COMPLETED');
    expect((await bench.twin.list()).map(({ state }) => state)).toEqual(['running', 'running']);
  });

  test('rollback leaves nothing, and terminate gives up what waits', async () => {
    bench.twin.spoil('vm', 'no such program');
    const first = await over((await bench.manager.apply({ service: SHOP, onFailure: 'wait' })).operation);
    await bench.manager.rollback(first.id);
    expect((await over(first)).state).toBe('ROLLED_BACK');
    await nothingIsLeft();
    const second = await over((await bench.manager.apply({ service: SHOP, onFailure: 'wait' })).operation);
    await over(await bench.manager.terminate('shop', { remove: true }));
    expect((await bench.manager.operation(second.id)).state).toBe('FAILED');
    await nothingIsLeft();
    expect(await bench.manager.list()).toEqual([]);
  });

  test('an update that fails leaves the service as it was', async () => {
    await over((await bench.manager.apply({ service: SHOP })).operation);
    bench.twin.spoil('vm', 'no such program');
    const changed = { ...SHOP, parameters: { colour: 'blue' } };
    const ended = await over((await bench.manager.apply({ service: changed })).operation);
    expect(ended.state).toBe('ROLLED_BACK');
    const service = await bench.manager.get('shop');
    expect(service.wanted).toEqual(SHOP);
    expect((await bench.twin.list()).map(({ id }) => id)).toEqual([
      `${service.id}/wall/vm/0`,
      `${service.id}/web/vm/0`,
    ]);
    expect(Object.values(bench.placer.booked()).flat().toSorted()).toEqual(['wall/vm/0', 'web/vm/0']);
    expect(bench.twin.send(`${service.id}/graph/path/http`, 'n')).toBeDefined();
  });

  test('cancelled: stops in FAILED_TEMP, and can be rolled back', async () => {
    const { operation } = await bench.manager.apply({ service: SHOP });
    await bench.until(async () => (await bench.twin.list()).length === 2);
    await bench.manager.cancel(operation?.id ?? '');
    const ended = await over(operation);
    expect(ended.state).toBe('FAILED_TEMP');
    await bench.manager.rollback(ended.id);
    expect((await over(ended)).state).toBe('ROLLED_BACK');
    await nothingIsLeft();
  });
});

describe('primitives', () => {
  const commands: string[] = [];
  beforeEach(async () => {
    commands.length = 0;
    await bench.close();
    bench = await serviceBench({
      exec: (unit, command) => {
        commands.push(`${unit.slice(unit.indexOf('/') + 1)}: ${command.join(' ')}`);
        return command.includes('colour=none')
          ? { exitCode: 3, stderr: 'no such colour\n' }
          : { stdout: 'done\n' };
      },
    });
    await bench.onboard(
      functionVnfd('wall'),
      functionVnfd('web', { flavour: PRIMITIVES }),
      shopNsd('wall', 'web'),
    );
  });
  const shop = (whom: string) => ({ ...SHOP, members: { web: { day1: { whom } } } });

  test('of the first day are carried out with their values, those of the end before it ends', async () => {
    const ended = await over((await bench.manager.apply({ service: shop('world') })).operation);
    const { shape } = await bench.manager.get('shop');
    const address = shape.units.find(({ vnf }) => vnf === 'web')?.addresses['eth0'];
    expect(commands).toEqual([`web/vm/0: hello at=${address} to=world`]);
    expect(ended.outputs).toEqual([
      { primitive: 'hello', unit: expect.stringContaining('web/vm/0'), exitCode: 0, output: 'done\n' },
    ]);
    await over(await bench.manager.terminate('shop', {}));
    expect(commands.at(-1)).toBe('web/vm/0: goodbye');
  });

  test('with other values for the first day are carried out again, on the unit that runs', async () => {
    await over((await bench.manager.apply({ service: shop('world') })).operation);
    const changed = await over((await bench.manager.apply({ service: shop('moon') })).operation);
    expect(changed.steps.map(({ kind }) => kind)).toEqual(['configure']);
    expect(commands.at(-1)).toContain('to=moon');
    expect((await bench.manager.get('shop')).shape.units.map(({ unit }) => unit.id)).toEqual([
      'wall/vm/0',
      'web/vm/0',
    ]);
  });

  test('of the end are those of what ends, also when another version of the NSD has none', async () => {
    await over((await bench.manager.apply({ service: shop('world') })).operation);
    const version = shopNsd('wall', 'plain', 'shop-ns-2').replace(
      'name:',
      'invariant-id: shop-ns\n      name:',
    );
    await bench.onboard(functionVnfd('plain'), version);
    const applied = await bench.manager.apply({ service: { ...shop('world'), nsd: 'shop-ns-2' } });
    expect(applied.changes).toContainEqual({ about: 'nsd', change: '"shop-ns" -> "shop-ns-2"' });
    expect((await over(applied.operation)).state).toBe('COMPLETED');
    expect(commands.at(-1)).toBe('web/vm/0: goodbye');
    expect((await bench.manager.get('shop')).nsdId).toBe('shop-ns-2');
  });

  test('on demand take what is given over what the descriptor says; what fails says why', async () => {
    await over((await bench.manager.apply({ service: shop('world') })).operation);
    await over(await bench.manager.action('shop', { vnf: 'web', primitive: 'paint' }));
    await over(
      await bench.manager.action('shop', { vnf: 'web', primitive: 'paint', parameters: { colour: 'blue' } }),
    );
    expect(commands.slice(1)).toEqual(['web/vm/0: paint colour=red', 'web/vm/0: paint colour=blue']);
    const failed = await over(
      await bench.manager.action('shop', { vnf: 'web', primitive: 'paint', parameters: { colour: 'none' } }),
    );
    expect(failed.state).toBe('FAILED');
    expect(failed.errors[0]?.message).toBe('paint on web/vm/0 ended with 3: no such colour');
    // Nothing of the service waits for it.
    expect(await bench.manager.get('shop')).toMatchObject({ state: 'INSTANTIATED', operation: null });
    await expect(bench.manager.action('shop', { vnf: 'web', primitive: 'polish' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: 'one of: paint',
    });
    const misspelt = { vnf: 'web', primitive: 'paint', parameters: { color: 'blue' } };
    await expect(bench.manager.action('shop', misspelt)).rejects.toMatchObject({
      message: 'paint of web has no parameter color',
      hint: 'it has colour',
    });
  });
});

test('packages are held while a service runs after them, and can be deleted afterwards', async () => {
  await over((await bench.manager.apply({ service: SHOP })).operation);
  await expect(deletePackage(bench.packages, 'nsd', 'shop-ns')).rejects.toMatchObject({ code: 'CONFLICT' });
  await over(await bench.manager.terminate('shop', { remove: true }));
  await deletePackage(bench.packages, 'nsd', 'shop-ns');
  await deletePackage(bench.packages, 'vnfd', 'web');
});

test('of many services at once none is placed twice, and all are answered', async () => {
  await bench.close();
  bench = await serviceBench({ sites: { north: 5, south: 5 } });
  await bench.onboard(functionVnfd('wall'), functionVnfd('web'), shopNsd('wall', 'web'));
  const names = Array.from({ length: 60 }, (_, n) => `shop-${n}`);
  const applied = await Promise.all(
    names.map((name) => bench.manager.apply({ service: { name, nsd: 'shop-ns' } })),
  );
  const states = new Map<string, number>();
  for (const { operation } of applied) {
    const { state } = await over(operation);
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  // 10 hosts of 8 vCPU hold 40 services of 2 units.
  expect(Object.fromEntries(states)).toEqual({ COMPLETED: 40, ROLLED_BACK: 20 });
  expect(Object.values(bench.placer.booked()).map((units) => units.length)).toEqual(
    Array.from({ length: 10 }, () => 8),
  );
  expect(await bench.twin.list()).toHaveLength(80);
});
