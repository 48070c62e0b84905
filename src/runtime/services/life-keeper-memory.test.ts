import { afterEach, beforeEach, expect, test } from 'vitest';
import { REQUESTS_PER_VCPU } from '../../adapters/infrastructure-twin/unit-model.ts';
import { operationOver, type ServiceBench, serviceBench } from './testing/service-bench.ts';
import { functionVnfd, SCALES, shopNsd } from './testing/shop-packages.ts';

let bench: ServiceBench;
beforeEach(async () => {
  bench = await serviceBench();
  await bench.onboard(functionVnfd('wall'), functionVnfd('web', { flavour: SCALES }), shopNsd('wall', 'web'));
});
afterEach(() => bench.close());

/** At its highest level, with more load than that is for. */
async function up(name: string): Promise<string> {
  const members = { web: { levels: { 'by-load': 3 } } };
  const { operation } = await bench.manager.apply({ service: { name, nsd: 'shop-ns', members } });
  await operationOver(bench, operation);
  const { id } = await bench.manager.get(name);
  bench.twin.setLoad(id, 'vm', 8 * REQUESTS_PER_VCPU);
  await saidAtHighest(name);
  return id;
}

async function saidAtHighest(name: string): Promise<void> {
  await bench.until(async () =>
    (await bench.manager.get(name)).notes.some((each) => each.includes('at its highest level, 3')),
  );
}

const terminated = async (name: string, remove: boolean) =>
  operationOver(bench, await bench.manager.terminate(name, { remove }));

test('of services that are removed nothing is remembered, also of what had happened to them', async () => {
  const ids = [await up('first'), await up('second')];
  const [first = '', second = ''] = ids;
  bench.keeper.siteLost('north');
  await bench.until(async () => (await bench.manager.operations('first')).some(({ automatic }) => automatic));
  await bench.until(() => bench.manager.services.every(({ operation }) => operation === null));
  expect([...bench.keeper.remembered()].toSorted()).toEqual(ids.toSorted());
  await bench.keeper.siteBack('north');
  await terminated('first', true);
  await bench.pass(500);
  expect(bench.keeper.remembered()).not.toContain(first);
  expect(bench.keeper.remembered()).toContain(second);
  await terminated('second', true);
  await bench.pass(500);
  expect([...bench.keeper.remembered()]).toEqual([]);
});

test('what is said of a service is said again when it is instantiated anew', async () => {
  const id = await up('shop');
  await terminated('shop', false);
  await bench.pass(500);
  expect([...bench.keeper.remembered()]).toEqual([]);
  await operationOver(bench, await bench.manager.instantiate(id, {}));
  bench.twin.setLoad(id, 'vm', 8 * REQUESTS_PER_VCPU);
  await saidAtHighest('shop');
});
