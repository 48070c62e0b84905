import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { operationOver, type ServiceBench, serviceBench } from './testing/service-bench.ts';
import { functionVnfd, SCALES, shopNsd } from './testing/shop-packages.ts';

let bench: ServiceBench;
beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(functionVnfd('wall'), functionVnfd('web', { flavour: SCALES }), shopNsd('wall', 'web'));
  // Load scales nothing here: units that idle would go by themselves.
  const members = { web: { scaling: { 'by-load': { enabled: false } } } };
  const { operation } = await bench.manager.apply({ service: { name: 'shop', nsd: 'shop-ns', members } });
  await operationOver(bench, operation);
});
afterEach(() => bench.close());

async function levelOfWeb(): Promise<number | undefined> {
  const { shape } = await bench.manager.get('shop');
  return shape.vnfs.find(({ id }) => id === 'web')?.levels['by-load'];
}

/** A scaling that has been judged by the level of now and is drafted once `go` is called. */
function scaleLater(direction: 'in' | 'out') {
  const { view } = bench.packages;
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  vi.spyOn(bench.packages, 'view').mockImplementationOnce(async () => {
    await gate;
    return view();
  });
  return { go, scaling: bench.manager.scale('shop', { vnf: 'web', direction }) };
}

test('two quick scale-ins from level 1: the second is refused, and nothing goes below level 0', async () => {
  await operationOver(bench, await bench.manager.scale('shop', { vnf: 'web', direction: 'out' }));
  const { go, scaling } = scaleLater('in');
  await bench.pass(10);
  await operationOver(bench, await bench.manager.scale('shop', { vnf: 'web', direction: 'in' }));
  go();
  await expect(scaling).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'by-load of web is at level 0, and goes from 0 to 3',
  });
  expect(await levelOfWeb()).toBe(0);
  expect(await bench.twin.list()).toHaveLength(2);
});

test('two quick scale-outs from below the highest level: the second is refused', async () => {
  await operationOver(bench, await bench.manager.scale('shop', { vnf: 'web', direction: 'out', steps: 2 }));
  const { go, scaling } = scaleLater('out');
  await bench.pass(10);
  await operationOver(bench, await bench.manager.scale('shop', { vnf: 'web', direction: 'out' }));
  go();
  await expect(scaling).rejects.toMatchObject({ code: 'CONFLICT', hint: 'it can go no further that way' });
  expect(await levelOfWeb()).toBe(3);
});

test('a level from before its highest was lowered goes down, not up', async () => {
  await operationOver(bench, await bench.manager.scale('shop', { vnf: 'web', direction: 'out', steps: 3 }));
  const lower = SCALES.replace('max-scale-level: 3', 'max-scale-level: 1');
  await bench.onboard(functionVnfd('web', { flavour: lower }));
  await expect(bench.manager.scale('shop', { vnf: 'web', direction: 'out' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  await operationOver(bench, await bench.manager.scale('shop', { vnf: 'web', direction: 'in' }));
  expect(await levelOfWeb()).toBe(1);
});
