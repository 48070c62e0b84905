import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Operation } from '../../protocol/operation-record.ts';
import { deletePackage } from '../packages/delete-package.ts';
import { operationOver, type ServiceBench, serviceBench } from './testing/service-bench.ts';
import { functionVnfd, SCALES, shopNsd } from './testing/shop-packages.ts';

let bench: ServiceBench;
beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(functionVnfd('wall'), functionVnfd('web'), shopNsd('wall', 'web'));
});
afterEach(() => bench.close());

const SHOP = { name: 'shop', nsd: 'shop-ns' };

const over = (operation: Operation | undefined) => operationOver(bench, operation);

/** An operation that is cancelled while its units are being placed: they are placed all the same. */
async function cancelledWhilePlacing(): Promise<Operation> {
  const { place } = bench.placer;
  vi.spyOn(bench.placer, 'place').mockImplementationOnce(
    (request, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        bench.clock.at(bench.clock.nowMs() + 500, () => void place(request, signal).then(resolve));
      }),
  );
  const { operation } = await bench.manager.apply({ service: SHOP });
  await bench.pass(100);
  await bench.manager.cancel(operation?.id ?? '');
  const cancelled = await over(operation);
  await bench.pass(1000);
  expect(cancelled.state).toBe('FAILED_TEMP');
  expect(Object.values(bench.placer.booked()).flat()).toHaveLength(2);
  return cancelled;
}

test('cancelled while its units are placed and given up: what they have booked is given back', async () => {
  const { id } = await cancelledWhilePlacing();
  await bench.manager.fail(id);
  await bench.pass(100);
  expect(bench.placer.booked()).toEqual({});
});

test('cancelled while its units are placed and terminated: what they have booked is given back', async () => {
  await cancelledWhilePlacing();
  await over(await bench.manager.terminate('shop', { remove: true }));
  expect(bench.placer.booked()).toEqual({});
});

test('an instantiation that is given up, and its service forgotten, holds no package', async () => {
  await bench.onboard(functionVnfd('huge', { vcpus: 99 }), shopNsd('wall', 'huge', 'huge-ns'));
  const { id } = await bench.manager.create({ name: 'huge', nsd: 'huge-ns' });
  const waiting = await over(await bench.manager.instantiate(id, {}));
  expect(waiting.state).toBe('FAILED_TEMP');
  await bench.manager.fail(waiting.id);
  await bench.manager.remove(id);
  expect((await bench.packages.view()).keys('use/')).toEqual([]);
  await deletePackage(bench.packages, 'nsd', 'huge-ns');
});

test('a scaling that is given up leaves no unit behind, and the next one starts its own', async () => {
  await bench.onboard(functionVnfd('web', { flavour: SCALES }));
  await over((await bench.manager.apply({ service: SHOP })).operation);
  bench.twin.spoil('vm', 'no such program');
  const waiting = await over(await bench.manager.scale('shop', { vnf: 'web', direction: 'out' }));
  await bench.manager.fail(waiting.id);
  bench.twin.spoil('vm', undefined);
  const units = async () => (await bench.manager.get('shop')).shape.units.map(({ unit }) => unit.id);
  await bench.until(async () => (await units()).length === 2);
  expect(await bench.twin.list()).toHaveLength(2);
  expect(Object.values(bench.placer.booked()).flat()).toHaveLength(2);
  expect((await over(await bench.manager.scale('shop', { vnf: 'web', direction: 'out' }))).state).toBe(
    'COMPLETED',
  );
  expect((await bench.twin.list()).map(({ state }) => state)).toEqual(['running', 'running', 'running']);
});

test.each(['terminate', 'fail'])(
  'chains of which some could not be set: none is left after %s',
  async (how) => {
    const { setChain } = bench.twin;
    const refuse = () => Promise.reject(new Error('no room for rules'));
    vi.spyOn(bench.twin, 'setChain').mockImplementationOnce(setChain).mockImplementationOnce(refuse);
    const waiting = await over((await bench.manager.apply({ service: SHOP, onFailure: 'wait' })).operation);
    expect(bench.twin.chains()).toHaveLength(1);
    if (how === 'fail') await bench.manager.fail(waiting.id);
    await over(await bench.manager.terminate('shop', { remove: true }));
    expect(bench.twin.chains()).toEqual([]);
    expect(await bench.twin.list()).toEqual([]);
  },
);

test('an operation that stands still, since the store failed once, can be cancelled and goes on', async () => {
  const { operation } = await bench.manager.apply({ service: SHOP });
  await bench.until(async () => (await bench.twin.list()).length === 2);
  vi.spyOn(bench.store, 'update').mockRejectedValueOnce(new Error('no space left'));
  await bench.until(() => bench.trouble.some((text) => text.includes('stands still')));
  await bench.manager.cancel(operation?.id ?? '');
  const waiting = await over(operation);
  expect(waiting.state).toBe('FAILED_TEMP');
  await bench.manager.retry(waiting.id);
  expect((await over(waiting)).state).toBe('COMPLETED');
});
