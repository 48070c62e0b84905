import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ServiceBench, serviceBench } from './testing/service-bench.ts';

const PACKAGES = [
  'client_vnf/client_vnfd',
  'load-balancer_vnf/load-balancer_vnfd',
  'web-server_vnf/web-server_vnfd',
  'balanced-web_ns/balanced-web_nsd',
];

let bench: ServiceBench;
let backends: string[];
/** What the load balancer takes note of, and yet refuses. */
let refuses: (value: string) => boolean;
beforeEach(async () => {
  backends = [];
  refuses = () => false;
  bench = await serviceBench({
    exec: (unit, [primitive, value = '']) => {
      if (!unit.includes('/balancer/') || primitive !== 'set-backends') return {};
      backends.push(value);
      return refuses(value) ? { exitCode: 1, stderr: 'no' } : {};
    },
  });
  const read = (path: string) =>
    readFileSync(new URL(`../../../catalogue/${path}.yaml`, import.meta.url), 'utf8');
  await bench.onboard(...PACKAGES.map(read));
});
afterEach(() => bench.close());

const SERVICE = { name: 'shop', nsd: 'balanced-web' };

async function up(file: object = SERVICE): Promise<string> {
  await bench.manager.apply({ service: { ...SERVICE, ...file } });
  await bench.until(quiet);
  return (await bench.manager.get('shop')).id;
}

async function quiet(): Promise<boolean> {
  const { operation, state, shape } = await bench.manager.get('shop');
  return (
    operation === null && state === 'INSTANTIATED' && shape.units.every((unit) => unit.state === 'running')
  );
}

async function webs() {
  return (await bench.manager.get('shop')).shape.units.filter((each) => each.vnf === 'web');
}

/** What the load balancer has to have been told last. */
async function told(): Promise<string> {
  return `backends=${(await webs()).map(({ addresses }) => `${addresses['eth0']}:80`).join(',')}`;
}

const count = (many: number) => async () => (await webs()).length === many && (await quiet());

test('the catalogue’s web servers scale with their load, and the load balancer knows of each', async () => {
  const id = await up();
  expect(await webs()).toHaveLength(2);
  expect(backends).toEqual([await told()]);
  // Shared out among all four units of the service: 80 % of a processor each.
  bench.twin.setLoad(id, 'unit', 320);
  // The window of 5 s, and a look every 200 ms.
  expect(await bench.until(count(3), 20_000)).toBeLessThan(6500);
  expect(backends).toHaveLength(2);
  expect(backends.at(-1)).toBe(await told());
  expect(backends.at(-1)?.split(',')).toHaveLength(3);
  const [operation] = await bench.manager.operations('shop');
  expect(operation).toMatchObject({ automatic: true, params: { kind: 'scale', direction: 'out' } });
  // The load is gone: in again after the window and the cooldown, and not below what there was at first.
  bench.twin.setLoad(id, 'unit', 0);
  await bench.until(count(2), 40_000);
  expect(backends.at(-1)).toBe(await told());
  const [inwards] = await bench.manager.operations('shop');
  // The load balancer forgets a server before it is stopped.
  const kinds = inwards?.steps.map(({ kind }) => kind) ?? [];
  expect(kinds.indexOf('configure')).toBeGreaterThanOrEqual(0);
  expect(kinds.indexOf('configure')).toBeLessThan(kinds.indexOf('stop-units'));
  await bench.pass(30_000);
  expect(await webs()).toHaveLength(2);
});

test('a server that is replaced is made known, and so are all to a new load balancer', async () => {
  const id = await up();
  bench.twin.fail(`${id}/web/unit/0`, 'out of memory');
  await bench.until(
    async () => (await webs()).every((each) => each.id !== `${id}/web/unit/0`) && (await quiet()),
  );
  expect(backends.at(-1)).toBe(await told());
  const before = backends.length;
  bench.twin.fail(`${id}/balancer/unit/0`, 'out of memory');
  await bench.until(async () => backends.length > before && (await quiet()));
  expect(backends.at(-1)).toBe(await told());
});

test('backends that are given stay', async () => {
  await up({ members: { balancer: { day1: { backends: '10.0.0.7:80' } } } });
  await bench.manager.scale('shop', { vnf: 'web', direction: 'out' });
  await bench.until(count(3));
  expect(new Set(backends)).toEqual(new Set(['backends=10.0.0.7:80']));
});

async function scaledOutAndBack() {
  const { id } = await bench.manager.scale('shop', { vnf: 'web', direction: 'out' });
  await bench.until(async () => (await bench.manager.operation(id)).state === 'FAILED_TEMP');
  await bench.manager.rollback(id);
  await bench.until(async () => (await bench.manager.operation(id)).state === 'ROLLED_BACK');
  return bench.manager.operation(id);
}

test('a scale-out that is rolled back leaves the load balancer with the servers that there are', async () => {
  await up();
  refuses = (value) => value.split(',').length === 3;
  const { errors } = await scaledOutAndBack();
  expect(backends.map((each) => each.split(',').length)).toEqual([2, 3, 2]);
  expect(backends.at(-1)).toBe(await told());
  expect(errors.filter(({ severity }) => severity === 'warning')).toEqual([]);
  expect(await count(2)()).toBe(true);
});

test('a load balancer that refuses that as well holds nothing up, and is told with the next change', async () => {
  await up();
  refuses = () => true;
  const { errors } = await scaledOutAndBack();
  expect(errors).toContainEqual(
    expect.objectContaining({
      severity: 'warning',
      message: expect.stringContaining('balancer/unit/0 is not as it was before'),
    }),
  );
  expect(await count(2)()).toBe(true);
  refuses = () => false;
  bench.twin.fail(`${(await bench.manager.get('shop')).id}/visitor/unit/0`, 'out of memory');
  const before = backends.length;
  await bench.until(async () => backends.length > before && (await quiet()));
  expect(backends.at(-1)).toBe(await told());
});
