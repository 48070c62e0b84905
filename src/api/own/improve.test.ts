import { afterEach, beforeEach, expect, test } from 'vitest';
import { awaited, farBench, farShop } from '../../runtime/services/testing/far-shop.ts';
import { type ApiBench, apiBench } from '../testing/api-bench.ts';
import { field } from '../testing/field.ts';

let bench: ApiBench;
beforeEach(async () => {
  const services = await farBench();
  await farShop(services);
  bench = await apiBench({ bench: services });
});
afterEach(() => bench.close());

const IMPROVE = '/v1/services/shop/improve';
const improve = (body?: object, headers = {}) =>
  awaited(bench.bench, bench.ask('POST', IMPROVE, body, headers));

test('it is told what would move; then it moves, as an operation that all interfaces show', async () => {
  const planned = await improve({ dryRun: true });
  expect(planned).toMatchObject({
    status: 200,
    body: { outcome: 'planned', cost: { now: 250_000, after: 125_000 }, moves: [{ unit: 'wall/vm/0' }] },
  });
  const begun = await improve();
  expect(begun).toMatchObject({ status: 202, body: { outcome: 'begun' } });
  const { location } = begun.headers;
  expect(await bench.settled(location)).toBe('COMPLETED');
  const { body: occurrence } = await bench.ask('GET', location ?? '');
  expect(occurrence).toMatchObject({
    lcmOperationType: 'UPDATE',
    startedBy: 'up',
    isAutomaticInvocation: false,
  });
  expect(field(occurrence, 'musterOperation/params/kind')).toBe('migrate');
  const id = field(occurrence, 'id');
  expect(
    (await bench.ask('GET', `/osm/nslcm/v1/ns_lcm_op_occs/${id}`, undefined, { accept: 'application/json' }))
      .body,
  ).toMatchObject({
    lcmOperationType: 'migrate',
  });
  expect(await improve({})).toMatchObject({ status: 200, body: { outcome: 'unchanged', moves: [] } });
});

test('who may only read may not ask for it, and what is asked for is looked at', async () => {
  const token = await bench.token('reader', 'viewer');
  expect((await improve({ dryRun: true }, { authorization: `Bearer ${token}` })).status).toBe(403);
  for (const body of [{ budget: 0 }, { budget: 201 }, { margin: 0 }, { margin: 2 }, { cheaper: true }])
    expect([body, (await improve(body)).status]).toEqual([body, 400]);
  expect((await awaited(bench.bench, bench.ask('POST', '/v1/services/none/improve', {}))).status).toBe(404);
  // Nothing of it has begun.
  expect(bench.bench.manager.services.every(({ operation }) => operation === null)).toBe(true);
});

test('a service that is being changed is not asked about', async () => {
  const began = await bench.bench.manager.heal('shop', { vnf: 'wall' });
  expect(await improve({ dryRun: true })).toMatchObject({
    status: 409,
    body: { hint: expect.stringContaining(began.id) },
  });
  expect(await bench.settled(`/${began.id}`)).toBe('COMPLETED');
});
