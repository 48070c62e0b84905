import { afterEach, beforeEach, expect, test } from 'vitest';
import { createServiceClient } from '../../cli/service-client.ts';
import { serviceBench } from '../../runtime/services/testing/service-bench.ts';
import { type ApiBench, apiBench, SHOP, UP_TOKEN, WALL, WEB } from '../testing/api-bench.ts';

let bench: ApiBench;
const asked: (readonly string[])[] = [];
beforeEach(async () => {
  asked.length = 0;
  const exec = (unit: string, command: readonly string[]) => {
    asked.push([unit, ...command]);
    return { exitCode: command.includes('fail') ? 3 : 0, stdout: 'eth0 lo', stderr: '' };
  };
  bench = await apiBench({ bench: await serviceBench({ exec }) });
  await bench.bench.onboard(WALL, WEB, SHOP);
});
afterEach(() => bench.close());

const UNIT = '/v1/services/shop/units/web%2Fvm%2F0';
const apply = async () => {
  const service = { name: 'shop', nsd: 'shop-ns', parameters: { whom: 'at-north-secret' } };
  const { headers } = await bench.ask('POST', '/v1/services/apply', { service });
  return bench.settled(headers['location']);
};
const unitId = async () => `${(await bench.bench.manager.get('shop')).id}/web/vm/0`;

test('what a unit says is told by its name in the service or by its id, as much as is asked for', async () => {
  expect(await apply()).toBe('COMPLETED');
  const { status, body } = await bench.ask('GET', `${UNIT}/logs`);
  expect([status, body]).toEqual([200, { unit: await unitId(), text: expect.stringContaining('starting') }]);
  const byId = `/v1/services/shop/units/${encodeURIComponent(await unitId())}/logs?bytes=5`;
  expect((await bench.ask('GET', byId)).body).toMatchObject({ text: expect.stringMatching(/^.{5}$/) });
  expect((await bench.ask('GET', `${UNIT}/logs?bytes=1000000`)).status).toBe(400);
  const none = await bench.ask('GET', '/v1/services/shop/units/web%2Fvm%2F9/logs');
  expect(none).toMatchObject({ status: 404, body: { hint: 'it has wall/vm/0, web/vm/0' } });
});

test('of a unit that did not start the log is told while its operation waits, as the failure says', async () => {
  bench.bench.twin.spoil('vm', 'it does not start');
  const service = { name: 'shop', nsd: 'shop-ns', parameters: { whom: 'world' } };
  const { headers } = await bench.ask('POST', '/v1/services/apply', { service, onFailure: 'wait' });
  expect(await bench.settled(headers['location'])).toBe('FAILED_TEMP');
  const [operation] = await bench.bench.manager.operations();
  expect(JSON.stringify(operation?.errors)).toContain('muster service logs SERVICE UNIT');
  expect((await bench.ask('GET', `${UNIT}/logs`)).body).toMatchObject({
    text: expect.stringContaining('it does not start'),
  });
});

test('a command runs as it is given, and the journal has who asked for it and not what', async () => {
  await apply();
  asked.length = 0;
  const command = ['sh', '-c', 'echo "$1"', 'a b'];
  const done = await bench.ask('POST', `${UNIT}/exec`, { command });
  expect(done.body).toEqual({
    unit: await unitId(),
    plane: 'twin',
    exitCode: 0,
    stdout: 'eth0 lo',
    stderr: '',
  });
  expect(asked).toEqual([[await unitId(), ...command]]);
  expect(bench.requests.at(-1)).toEqual({
    caller: 'up',
    request: `POST ${UNIT}/exec`,
    status: 200,
    location: null,
  });
  for (const bad of [{ command: [] }, { command: 'ls' }, { command: ['ls'], timeoutMs: 600_000 }])
    expect((await bench.ask('POST', `${UNIT}/exec`, bad)).status).toBe(400);
});

test('viewers read logs without the values that were given, and run nothing', async () => {
  await apply();
  const viewer = { authorization: `Bearer ${await bench.token('grafana', 'viewer')}` };
  await bench.ask('POST', `${UNIT}/exec`, { command: ['use-at-north-secret'] });
  expect((await bench.ask('GET', `${UNIT}/logs`)).text).toContain('at-north-secret');
  const seen = await bench.ask('GET', `${UNIT}/logs`, undefined, viewer);
  expect([seen.status, seen.text.includes('at-north-secret')]).toEqual([200, false]);
  asked.length = 0;
  for (const verb of ['exec', 'shell'])
    expect((await bench.ask('POST', `${UNIT}/${verb}`, { command: ['id'] }, viewer)).status).toBe(403);
  expect(asked).toEqual([]);
});

test('a model is not entered, and it is said what to use instead', async () => {
  await apply();
  const refused = await bench.ask('POST', `${UNIT}/shell`, {});
  expect(refused).toMatchObject({
    status: 422,
    body: { hint: expect.stringContaining('muster service exec') },
  });
});

test('the command line asks over the same paths', async () => {
  await apply();
  const api = await bench.api.listen({ host: '127.0.0.1', port: 0 });
  const client = createServiceClient({ api, token: UP_TOKEN, pid: 1 });
  try {
    expect((await client.logs('shop', 'web/vm/0', 4096)).text).toContain('running');
    expect(await client.exec('shop', 'web/vm/0', { command: ['fail'] })).toMatchObject({ exitCode: 3 });
    await expect(client.shell('shop', 'web/vm/0')).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
  } finally {
    bench.api.server.closeAllConnections();
  }
});
