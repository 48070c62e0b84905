import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkBackup } from '../../runtime/backup/restore-backup.ts';
import { type ApiBench, apiBench, SHOP, UP_TOKEN, WALL, WEB } from '../testing/api-bench.ts';

let bench: ApiBench;
beforeEach(async () => {
  bench = await apiBench();
  await bench.bench.onboard(WALL, WEB, SHOP);
});
afterEach(() => bench.close());

const backup = (token: string) =>
  bench.api.inject({ method: 'POST', url: '/v1/backup', headers: { authorization: `Bearer ${token}` } });

test('an operator is given a backup of what is managed here, whole', async () => {
  await bench.ask('POST', '/nslcm/v1/ns_instances', { nsdId: 'shop-ns', nsName: 'shop' });
  const answer = await backup(UP_TOKEN);
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/octet-stream']);
  const { header } = await checkBackup('of the API', Readable.from([answer.rawPayload]));
  expect(header.parts.map(({ name }) => name)).toEqual(['services', 'packages', 'tokens']);
  expect(header.parts[0]?.values).toBeGreaterThan(1);
  expect(header.parts[1]?.values).toBeGreaterThan(5);
});

test('who may only look is not given it', async () => {
  const viewer = await bench.token('eve', 'viewer');
  expect((await backup(viewer)).statusCode).toBe(403);
  expect((await backup('')).statusCode).toBe(401);
});
