import { afterEach, beforeEach, expect, test } from 'vitest';
import { isOver } from '../../core/lifecycle/operation-machine.ts';
import { OperationSchema } from '../../protocol/operation-record.ts';
import { ServiceInstanceSchema } from '../../protocol/service-record.ts';
import { type ServiceBench, serviceBench } from './testing/service-bench.ts';
import { functionVnfd, shopNsd } from './testing/shop-packages.ts';

let bench: ServiceBench;
beforeEach(async () => {
  bench = await serviceBench({ vcpus: 40 });
  await bench.onboard(functionVnfd('wall'), functionVnfd('web'), shopNsd('wall', 'web'));
});
afterEach(() => bench.close());

const SHOP = { name: 'shop', nsd: 'shop-ns' };

/** Everything that is stored is what whoever opens the store next can read. */
async function canBeRead(): Promise<void> {
  const view = await bench.store.view();
  const read = async (key: string): Promise<unknown> =>
    JSON.parse(new TextDecoder().decode(await view.get(key)));
  for (const key of view.keys('operation/')) OperationSchema.parse(await read(key));
  for (const key of view.keys('service/')) ServiceInstanceSchema.parse(await read(key));
}

const settled = async (): Promise<boolean> =>
  (await bench.manager.operations()).every(({ state }) => isOver(state));

test('many units that fail with many words are healed, and why can be read afterwards', async () => {
  const web = functionVnfd('web')
    .replace('max-number-of-instances: 4', 'max-number-of-instances: 30')
    .replace('number-of-instances: 1 }] }', 'number-of-instances: 30 }] }');
  await bench.onboard(web);
  await bench.manager.apply({ service: SHOP });
  await bench.until(settled);
  for (const { id } of (await bench.manager.get('shop')).shape.units) {
    bench.twin.fail(id, `its program ended with 1; it said last: ${'no memory '.repeat(30)}`);
  }
  await bench.until(async () => (await bench.manager.operations()).length > 2);
  await bench.until(settled);
  await canBeRead();
});

test('an update of as many units as a service can have replaces all of them, and all of it can be read', async () => {
  await bench.close();
  bench = await serviceBench({ vcpus: 120 });
  const web = functionVnfd('web')
    .replace('max-number-of-instances: 4', 'max-number-of-instances: 199')
    .replace('number-of-instances: 1 }] }', 'number-of-instances: 199 }] }');
  await bench.onboard(functionVnfd('wall'), web, shopNsd('wall', 'web'));
  await bench.manager.apply({ service: SHOP });
  await bench.until(settled);
  await bench.manager.apply({ service: { ...SHOP, parameters: { colour: 'blue' } } });
  await bench.until(async () => (await bench.twin.list()).length === 400);
  await canBeRead();
  await bench.until(settled);
  await canBeRead();
  const { shape } = await bench.manager.get('shop');
  expect(shape.units).toHaveLength(200);
  expect(
    shape.units.every(({ recipe, state }) => recipe.parameters['colour'] === 'blue' && state === 'running'),
  ).toBe(true);
  expect(await bench.twin.list()).toHaveLength(200);
});

test('more values than a unit can have are refused, and nothing is stored of them', async () => {
  const values = (name: string) =>
    Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`${name}${n}`, 'x']));
  const wanted = { ...SHOP, parameters: values('a'), members: { web: { parameters: values('b') } } };
  await expect(bench.manager.apply({ service: wanted })).rejects.toMatchObject({
    code: 'BAD_SERVICE',
    message: expect.stringContaining('at most 200 values'),
  });
  await canBeRead();
  await bench.manager.apply({ service: SHOP });
  await bench.until(settled);
});

test('a cloud-init that becomes too long with its values is refused', async () => {
  const grows = functionVnfd('web').replace(
    '    - id: vm\n',
    `    - id: vm\n      cloud-init: '#cloud-config # ${'{{ text }}'.repeat(20)}'\n`,
  );
  await bench.onboard(grows);
  const wanted = { ...SHOP, parameters: { text: 'x'.repeat(60_000) } };
  await expect(bench.manager.apply({ service: wanted })).rejects.toMatchObject({ code: 'BAD_SERVICE' });
  await canBeRead();
});
