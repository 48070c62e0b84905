import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiBench, apiBench, SHOP, WALL, WEB } from '../testing/api-bench.ts';

let bench: ApiBench;
beforeEach(async () => {
  bench = await apiBench();
  await bench.bench.onboard(WALL, WEB, SHOP);
});
afterEach(() => bench.close());

test('of a service it is told what can be done to its functions, with what, and that can be done as it is told', async () => {
  const applied = await bench.ask('POST', '/v1/services/apply', {
    service: { name: 'shop', nsd: 'shop-ns', parameters: { whom: 'world' } },
  });
  expect(applied.status).toBe(202);
  expect(await bench.settled(applied.headers['location'])).toBe('COMPLETED');
  const { status, body } = await bench.ask('GET', '/v1/services/shop/primitives');
  expect([status, body]).toEqual([
    200,
    [
      {
        vnf: 'web',
        primitive: 'paint',
        target: 'vm',
        parameters: [{ name: 'colour', type: 'STRING', value: 'red' }],
        refused: null,
      },
    ],
  ]);
  const done = await bench.ask('POST', '/v1/services/shop/action', {
    vnf: 'web',
    primitive: 'paint',
    parameters: { colour: 'blue' },
  });
  expect(done.status).toBe(202);
  expect(await bench.settled(done.headers['location'])).toBe('COMPLETED');
});

test('of a service that is not there nothing is told', async () => {
  expect((await bench.ask('GET', '/v1/services/none/primitives')).status).toBe(404);
});
