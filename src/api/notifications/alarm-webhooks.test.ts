import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { functionVnfd, withAlarms } from '../../runtime/services/testing/shop-packages.ts';
import { type ApiBench, apiBench, SHOP, WALL } from '../testing/api-bench.ts';
import { askOverHttp } from './ask-over-http.ts';

interface Received {
  readonly path: string | undefined;
  readonly body: unknown;
}

let received: Received[];
let redirects = false;
let server: Server;
let elsewhere: Server;
let asked: number;
let bench: ApiBench | undefined;

async function listening(answer: (request: IncomingMessage, body: string) => string | undefined) {
  const made = createServer((request, reply) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      const location = answer(request, body);
      reply.writeHead(location === undefined ? 204 : 307, location === undefined ? {} : { location }).end();
    });
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return made;
}

function portOf(made: Server): number {
  const address = made.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

beforeEach(async () => {
  [received, redirects, asked] = [[], false, 0];
  elsewhere = await listening(() => {
    asked += 1;
    return undefined;
  });
  server = await listening((request, body) => {
    received.push({ path: request.url, body: JSON.parse(body) });
    return redirects ? `http://localhost:${portOf(elsewhere)}/` : undefined;
  });
});
afterEach(async () => {
  await bench?.close();
  bench = undefined;
  for (const each of [server, elsewhere]) each.close();
});

async function raised(allowHosts: string[]): Promise<string> {
  bench = await apiBench({ site: { images: {}, webhooks: { allowHosts } }, api: { ask: askOverHttp } });
  const { bench: services } = bench;
  const alarm = `
        - alarm-id: busy
          vnf-monitoring-param-ref: vm_cpu
          operation: GE
          value: 70
          actions:
            alarm:
              - { url: "http://127.0.0.1:${portOf(server)}/raised" }
              - { url: "http://localhost:${portOf(elsewhere)}/" }
`;
  await services.onboard(WALL, withAlarms(functionVnfd('web'), alarm), SHOP);
  await services.manager.apply({
    service: { name: 'shop', nsd: 'shop-ns', members: { wall: { day1: { whom: 'world' } } } },
  });
  await services.until(() => services.manager.services.every(({ operation }) => operation === null));
  const { id } = await services.manager.get('shop');
  services.twin.setLoad(id, 'vm', 180);
  await services.until(async () =>
    (await services.manager.get('shop')).alarms.some(({ state }) => state === 'alarm'),
  );
  return id;
}

test('the webhook of an alarm is told in OSM’s form, and nobody whose host is not allowed', async () => {
  const id = await raised(['127.0.0.1']);
  await expect.poll(() => received).toHaveLength(1);
  expect(received[0]).toMatchObject({
    path: '/raised',
    body: {
      schema_type: 'notify_alarm',
      notify_details: {
        alarm_uuid: `${id}/web/vm/busy`,
        metric_name: 'cpu_utilization',
        threshold_value: 70,
        operation: 'GE',
        status: 'alarm',
        tags: { ns_id: id, ns_name: 'shop', vnf_member_index: 'web', vdu_name: 'vm' },
      },
    },
  });
  expect(asked).toBe(0);
});

test('without a list nobody is told', async () => {
  await raised([]);
  await bench?.bench.pass(500);
  expect([received, asked]).toEqual([[], 0]);
});

test('whoever is redirected is not followed', async () => {
  redirects = true;
  await raised(['127.0.0.1']);
  await expect.poll(() => received.length).toBeGreaterThan(0);
  await bench?.bench.pass(100);
  expect(asked).toBe(0);
});
