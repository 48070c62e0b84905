import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { revokeToken } from '../../runtime/tokens/tokens.ts';
import { type ApiBench, apiBench } from '../testing/api-bench.ts';

let bench: ApiBench;
beforeEach(async () => {
  bench = await apiBench();
});
afterEach(() => bench.close());

const as = (secret: string) => ({ authorization: `Bearer ${secret}` });
const look = (secret: string) => bench.ask('GET', '/v1/services', undefined, as(secret));

describe('a token', () => {
  test('is asked for everywhere, also where there is nothing', async () => {
    for (const url of [
      '/v1/status',
      '/nslcm/v1/ns_instances',
      '/openapi.json',
      '/metrics',
      '/nothing',
      '/v1/journal',
    ]) {
      const { status, headers, type } = await bench.ask('GET', url, undefined, { authorization: '' });
      expect([url, status, type]).toEqual([url, 401, 'application/problem+json']);
      expect(headers['www-authenticate']).toContain('Bearer');
    }
    expect((await look('no-token')).status).toBe(401);
    expect((await look('')).status).toBe(401);
  });

  test('of a viewer reads and changes nothing', async () => {
    const secret = await bench.token('grafana', 'viewer');
    expect((await look(secret)).status).toBe(200);
    for (const [method, url] of [
      ['POST', '/nslcm/v1/ns_instances'],
      ['DELETE', '/nslcm/v1/ns_instances/x'],
      ['PUT', '/nsd/v1/ns_descriptors/x/nsd_content'],
      ['PATCH', '/nsd/v1/ns_descriptors/x'],
      ['POST', '/v1/stop'],
      ['POST', '/osm/nslcm/v1/ns_instances_content'],
    ] as const) {
      expect(
        (await bench.ask(method, url, {}, { ...as(secret), accept: 'application/json' })).body,
      ).toMatchObject({
        status: 403,
        hint: expect.stringContaining('operator'),
      });
    }
  });

  test('ends at its time, and at once when it is revoked', async () => {
    const [short, long] = [
      await bench.token('short', 'viewer', bench.bench.clock.nowMs() + 1000),
      await bench.token('long', 'viewer'),
    ];
    expect((await look(short)).status).toBe(200);
    bench.bench.clock.runUntil(bench.bench.clock.nowMs() + 1000);
    expect((await look(short)).status).toBe(401);
    expect((await look(long)).status).toBe(200);
    await revokeToken(bench.tokens, 'long');
    expect((await look(long)).status).toBe(401);
  });

  test('is stored as a hash alone, and its name is taken once', async () => {
    const secret = await bench.token('alice', 'operator');
    const view = await bench.tokens.view();
    const [key = ''] = view.keys('token/');
    expect(key).toMatch(/^token\/[0-9a-f]{64}$/);
    expect(`${key}${new TextDecoder().decode(await view.get(key))}`).not.toContain(secret);
    await expect(bench.token('alice', 'viewer')).rejects.toThrow('there is a token alice already');
    await expect(revokeToken(bench.tokens, 'bob')).rejects.toThrow('there is no token bob');
  });
});

test('what is asked for is journalled with the name of who asked, also what is refused; what is read is not', async () => {
  const [alice, eve] = [await bench.token('alice', 'operator'), await bench.token('eve', 'viewer')];
  await look(alice);
  await bench.ask('POST', '/nslcm/v1/ns_instances', { nsdId: 'none', nsName: 'x' }, as(alice));
  await bench.ask('POST', '/nslcm/v1/ns_instances?token=x', {}, as(eve));
  expect(bench.requests).toEqual([
    { caller: 'alice', request: 'POST /nslcm/v1/ns_instances', status: 404, location: null },
    { caller: 'eve', request: 'POST /nslcm/v1/ns_instances', status: 403, location: null },
  ]);
});
