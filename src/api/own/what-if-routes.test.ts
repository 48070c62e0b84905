import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeFork } from '../../runtime/what-if/take-fork.ts';
import { type ForkableShop, forkableShop } from '../../runtime/what-if/testing/forkable-shop.ts';
import { WhatIfDesk } from '../../runtime/what-if/what-if-desk.ts';
import { type ApiBench, apiBench } from '../testing/api-bench.ts';
import { field } from '../testing/field.ts';

const WITHIN = { timeout: 120_000, interval: 100 };

let directory: string;
let shop: ForkableShop;
let desk: WhatIfDesk;
let bench: ApiBench;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'muster-what-if-'));
  shop = await forkableShop();
  desk = new WhatIfDesk({
    source: { check: async () => {}, take: () => takeFork(shop.from, 1_000_000) },
    directory,
    nowMs: () => Date.now(),
  });
  const { sites } = shop.from.substrate;
  bench = await apiBench({ bench: shop.bench, api: { whatIfs: desk }, sites });
});
afterEach(async () => {
  await desk.close();
  await bench.close();
  rmSync(directory, { recursive: true, force: true });
});

const viewer = async () => ({ authorization: `Bearer ${await bench.token('reader', 'viewer')}` });

test('who may look asks, follows and throws away; only an operator applies, and the journal says who', async () => {
  const site = await shop.siteOf();
  const order = { change: { kind: 'lose-site', site }, seconds: 10 };
  const asReader = await viewer();
  const begun = await bench.ask('POST', '/v1/what-ifs', order, asReader);
  expect(begun).toMatchObject({ status: 202, body: { id: 'what-if-1', by: 'reader', state: 'running' } });
  expect((await bench.ask('POST', '/v1/what-ifs', order)).status).toBe(409);
  const state = async () => field((await bench.ask('GET', '/v1/what-ifs/what-if-1')).body, 'state');
  await expect.poll(state, WITHIN).toBe('done');

  const remedy = await bench.ask('GET', '/v1/what-ifs/what-if-1/remedy', undefined, asReader);
  expect(remedy).toMatchObject({ status: 200, body: { possible: true } });
  expect(remedy.text).toContain(`may not run at ${site} any more`);
  expect(remedy.text).toContain('is started');
  const before = await shop.shop();
  expect(await bench.ask('POST', '/v1/what-ifs/what-if-1/apply', {}, asReader)).toMatchObject({
    status: 403,
  });
  expect(await shop.shop()).toEqual(before);

  const applied = await bench.ask('POST', '/v1/what-ifs/what-if-1/apply', {});
  expect(applied).toMatchObject({ status: 202, body: { applied: [{ service: 'shop' }] } });
  const operation = field(applied.body, 'applied/0/operation');
  expect(await bench.settled(`/${operation}`)).toBe('COMPLETED');
  const { shape } = await shop.shop();
  expect(shape.units.every((unit) => unit.state === 'running' && unit.site !== site)).toBe(true);
  expect(bench.requests).toContainEqual(
    expect.objectContaining({ caller: 'up', request: 'POST /v1/what-ifs/what-if-1/apply', status: 202 }),
  );
  const asOther = { authorization: `Bearer ${await bench.token('other', 'viewer')}` };
  const byOther = await bench.ask('DELETE', '/v1/what-ifs/what-if-1', undefined, asOther);
  expect([byOther.status, byOther.text]).toEqual([403, expect.stringContaining('asked by reader')]);
  expect((await bench.ask('DELETE', '/v1/what-ifs/what-if-1', undefined, asReader)).status).toBe(204);
  expect((await bench.ask('GET', '/v1/what-ifs')).body).toEqual([]);
}, 180_000);

test('more traffic is booked; an attack is nothing to be applied; what is asked for is looked at', async () => {
  const asked = async (change: object) => {
    const { body } = await bench.ask('POST', '/v1/what-ifs', { change, seconds: 300 });
    const path = `/v1/what-ifs/${field(body, 'id')}`;
    expect((await bench.ask('POST', `${path}/stop`, {})).status).toBe(204);
    return path;
  };
  const attack = await asked({ kind: 'attack', target: 'shop' });
  expect((await bench.ask('GET', `${attack}/remedy`)).body).toMatchObject({ possible: false });
  expect(await bench.ask('POST', `${attack}/apply`, {})).toMatchObject({ status: 409 });

  const more = await asked({ kind: 'more-users', of: 'shop', factor: 3 });
  expect((await bench.ask('GET', `${more}/remedy`)).text).toContain('raised 3 times');
  const applied = await bench.ask('POST', `${more}/apply`, {});
  expect(await bench.settled(`/${field(applied.body, 'applied/0/operation')}`)).toBe('COMPLETED');
  expect((await shop.shop()).wanted.traffic?.['path']?.bytesPerSec).toBe(300_000);

  for (const body of [
    {},
    { change: { kind: 'flood' } },
    { change: { kind: 'lose-site', site: '' } },
    { change: { kind: 'more-users', factor: 1 } },
    { change: { kind: 'more-users', factor: 1000 } },
    { change: { kind: 'attack', target: 'shop', sources: 101 } },
    { change: { kind: 'attack', target: 'shop' }, seconds: 301 },
  ])
    expect([body, (await bench.ask('POST', '/v1/what-ifs', body)).status]).toEqual([body, 400]);
  for (const id of ['what-if-77', '..%2F..%2Fetc', 'demo-twin-1'])
    expect((await bench.ask('DELETE', `/v1/what-ifs/${id}`)).status).toBe(404);
}, 180_000);
