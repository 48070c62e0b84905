import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiBench, apiBench, SHOP, UP_TOKEN, WALL, WEB } from '../api/testing/api-bench.ts';
import { createServiceClient, type ServiceClient } from './service-client.ts';

// The client of the command line against the API itself, over loopback: each understands the other.

let bench: ApiBench;
let client: ServiceClient;
beforeEach(async () => {
  bench = await apiBench({ output: 'painted' });
  await bench.bench.onboard(WALL, WEB, SHOP);
  const api = await bench.api.listen({ host: '127.0.0.1', port: 0 });
  client = createServiceClient({ api, token: UP_TOKEN, pid: 1 });
});
afterEach(async () => {
  bench.api.server.closeAllConnections();
  await bench.close();
});

const FILE = { name: 'shop', nsd: 'shop-ns', members: { web: { day1: { whom: 'world' } } } };
const over = (operation: { readonly id: string } | undefined) => bench.settled(`/${operation?.id}`);

test('a service is applied, changed, asked about, and ended', async () => {
  expect((await client.apply({ service: FILE, dryRun: true })).outcome).toBe('planned');
  const { outcome, operation } = await client.apply({ service: FILE });
  expect([outcome, await over(operation)]).toEqual(['created', 'COMPLETED']);
  expect((await client.apply({ service: FILE })).outcome).toBe('unchanged');
  expect(await over(await client.scale('shop', { vnf: 'web', direction: 'out' }))).toBe('COMPLETED');
  expect(await over(await client.heal('shop', { vnf: 'web', cause: 'a test' }))).toBe('COMPLETED');
  const action = await client.action('shop', { vnf: 'web', primitive: 'paint' });
  expect(await over(action)).toBe('COMPLETED');
  expect((await client.operation(action.id)).outputs[0]?.output).toContain('painted');
  expect((await client.operations('shop')).map(({ params }) => params.kind).sort()).toEqual([
    'action',
    'heal',
    'instantiate',
    'scale',
  ]);
  expect(await over(await client.terminate('shop', {}))).toBe('COMPLETED');
  await client.remove('shop');
  expect(await client.list()).toEqual([]);
  expect(bench.trouble).toEqual([]);
});

test('an operation that waits is steered, and what cannot be says why', async () => {
  bench.bench.twin.spoil('vm', 'it does not start');
  const { operation } = await client.apply({ service: FILE, onFailure: 'wait' });
  expect(await over(operation)).toBe('FAILED_TEMP');
  await expect(client.remove('shop')).rejects.toMatchObject({
    code: 'CONFLICT',
    hint: expect.stringContaining('terminate'),
  });
  expect((await client.steer(operation?.id ?? '', 'rollback')).state).toBe('ROLLING_BACK');
  expect(await over(operation)).toBe('ROLLED_BACK');
  await expect(client.get('none')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'there is no service none',
    hint: 'muster service list',
  });
});
