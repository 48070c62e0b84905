import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Operation } from '../../protocol/operation-record.ts';
import { operationOver, type ServiceBench, serviceBench } from './testing/service-bench.ts';
import { functionVnfd, SCALES, shopNsd } from './testing/shop-packages.ts';

let bench: ServiceBench;
beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(functionVnfd('wall'), functionVnfd('web', { flavour: SCALES }), shopNsd('wall', 'web'));
  await over((await bench.manager.apply({ service: shop(1000) })).operation);
});
afterEach(() => bench.close());

const shop = (bytesPerSec: number, more: object = {}) => ({
  name: 'shop',
  nsd: 'shop-ns',
  members: { web: { scaling: { 'by-load': { enabled: false } } } },
  traffic: { path: { bytesPerSec } },
  ...more,
});
const over = (operation: Operation | undefined) => operationOver(bench, operation);

async function booked(): Promise<readonly string[]> {
  const { shape } = await bench.manager.get('shop');
  return shape.links.map(({ link: { id, bytesPerSec } }) => `${id} ${bytesPerSec}`);
}

/** What was given back, by what is left of it. */
const lowered = (calls: readonly (readonly unknown[])[]) => calls.map(([, links]) => links);
const BEFORE = [expect.objectContaining({ id: 'wall/vm/0~web/vm/0', bytesPerSec: 1000 })];

test('more traffic is booked between units that run, and none of them is touched', async () => {
  const units = await bench.twin.list();
  const { operation } = await bench.manager.apply({ service: shop(5000) });
  const ended = await over(operation);
  expect(ended.steps.map(({ kind, about }) => `${kind}: ${about}`)).toEqual([
    'place: books more of what flows between its units',
  ]);
  expect(ended.state).toBe('COMPLETED');
  expect(await booked()).toEqual(['wall/vm/0~web/vm/0 5000']);
  expect(await bench.twin.list()).toEqual(units);
  // What stays keeps what it has, also where it is shared by more units now.
  await over(await bench.manager.scale('shop', { vnf: 'web', direction: 'out' }));
  expect(await booked()).toEqual(['wall/vm/0~web/vm/0 5000', 'wall/vm/0~web/vm/1 2500']);
  // Less is wanted: nothing has to be done.
  expect((await over((await bench.manager.apply({ service: shop(10) })).operation)).steps).toEqual([]);
  expect(await booked()).toEqual(['wall/vm/0~web/vm/0 5000', 'wall/vm/0~web/vm/1 2500']);
});

test('more than there is is refused as a whole, with the reason, and what was wanted before counts on', async () => {
  vi.spyOn(bench.placer, 'place').mockResolvedValueOnce({
    kind: 'refused',
    reasons: ['more cannot flow between units that run: link l1 has 90 of 990 bytes/s'],
  });
  const ended = await over((await bench.manager.apply({ service: shop(9e9) })).operation);
  expect(ended.state).toBe('ROLLED_BACK');
  expect(ended.errors[0]?.message).toBe(
    'it is not booked: more cannot flow between units that run: link l1 has 90 of 990 bytes/s',
  );
  expect(await booked()).toEqual(['wall/vm/0~web/vm/0 1000']);
  expect((await bench.manager.get('shop')).wanted.traffic).toEqual({ path: { bytesPerSec: 1000 } });
});

test.each(['rollback', 'wait'] as const)(
  'of an update that fails (%s) what was booked more is given back',
  async (onFailure) => {
    const lower = vi.spyOn(bench.placer, 'lower');
    bench.twin.spoil('vm', 'no such program');
    // A unit is to be started beside those that stay, and does not run.
    const service = shop(5000, { members: { web: { levels: { 'by-load': 1 } } } });
    const failed = await over((await bench.manager.apply({ service, onFailure })).operation);
    if (onFailure === 'wait') {
      expect(lower).not.toHaveBeenCalled();
      await bench.manager.fail(failed.id);
    }
    await bench.until(() => lower.mock.calls.length > 0);
    expect(lowered(lower.mock.calls)).toEqual([BEFORE]);
    expect(await booked()).toEqual(['wall/vm/0~web/vm/0 1000']);
  },
);
