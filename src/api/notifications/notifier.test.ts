import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Notification, NotificationSchema } from '../../protocol/sol005/subscriptions.ts';
import { type ApiBench, apiBench, SHOP, WALL, WEB, WHOM } from '../testing/api-bench.ts';
import { field, text } from '../testing/field.ts';
import { askOverHttp } from './ask-over-http.ts';
import { startNotifier } from './notifier.ts';

const SUBSCRIPTIONS = '/nslcm/v1/subscriptions';
const NS = '/nslcm/v1/ns_instances';
const site = { images: {}, webhooks: { allowHosts: ['hooks.example'] } };
const callbackUri = 'https://hooks.example/notify';

let told: Notification[];
let answers: (uri: string) => Promise<number>;
let bench: ApiBench;
let toldAll: () => Promise<void>;
beforeEach(async () => {
  told = [];
  answers = async () => 204;
  const waiting = new Set<Promise<number>>();
  bench = await apiBench({
    site,
    api: {
      ask: (uri, body) => {
        const answer = answers(uri).then((status) => {
          if (body !== undefined && status === 204) told.push(NotificationSchema.parse(body));
          return status;
        });
        waiting.add(answer);
        return answer;
      },
    },
  });
  // Virtual time passes without real waiting, so a few turns of the loop are all it takes.
  toldAll = async () => {
    await bench.bench.pass(20);
    await Promise.allSettled(waiting);
  };
  await bench.bench.onboard(WALL, WEB, SHOP);
});
afterEach(() => bench.close());

const subscribe = (body: object) => bench.ask('POST', SUBSCRIPTIONS, body);

async function shop(): Promise<string> {
  const { body } = await bench.ask('POST', NS, { nsdId: 'shop-ns', nsName: 'shop' });
  return text(body, 'id');
}

async function life(): Promise<string> {
  const id = await shop();
  const begun = await bench.ask('POST', `${NS}/${id}/instantiate`, { additionalParamsForVnf: [WHOM] });
  expect(await bench.settled(begun.headers['location'])).toBe('COMPLETED');
  const ended = await bench.ask('POST', `${NS}/${id}/terminate`);
  expect(await bench.settled(ended.headers['location'])).toBe('COMPLETED');
  await bench.ask('DELETE', `${NS}/${id}`);
  await toldAll();
  return id;
}

const inShort = (each: Notification) =>
  each.notificationType === 'NsLcmOperationOccurrenceNotification'
    ? `${each.operation} ${each.notificationStatus} ${each.operationState}`
    : each.notificationType;

describe('a subscriber', () => {
  test('is told in order what happens, each state of an operation once', async () => {
    const { status, headers } = await subscribe({ callbackUri });
    expect(status).toBe(201);
    const id = await life();
    expect(told.map(inShort)).toEqual([
      'NsIdentifierCreationNotification',
      'INSTANTIATE START PROCESSING',
      'INSTANTIATE RESULT COMPLETED',
      'TERMINATE START PROCESSING',
      'TERMINATE RESULT COMPLETED',
      'NsIdentifierDeletionNotification',
    ]);
    expect(told.every(({ nsInstanceId }) => nsInstanceId === id)).toBe(true);
    expect((await bench.ask('DELETE', headers['location'] ?? '')).status).toBe(204);
    await shop();
    await toldAll();
    expect(told).toHaveLength(6);
  });

  test('is told the end of the operation that removes a service before it is told that it is gone', async () => {
    await subscribe({
      callbackUri,
      filter: { nsInstanceSubscriptionFilter: { nsdIds: ['shop-ns'] } },
    });
    const id = await shop();
    const begun = await bench.ask('POST', `${NS}/${id}/instantiate`, { additionalParamsForVnf: [WHOM] });
    await bench.settled(begun.headers['location']);
    const ended = await bench.ask('POST', `${NS}/${id}/terminate`, { autoremove: true });
    await bench.settled(ended.headers['location']);
    await toldAll();
    expect(told.slice(-3).map(inShort)).toEqual([
      'TERMINATE START PROCESSING',
      'TERMINATE RESULT COMPLETED',
      'NsIdentifierDeletionNotification',
    ]);
  });

  test('is told that an operation is given up before it is told of the one that takes its place', async () => {
    await subscribe({ callbackUri });
    const id = await shop();
    bench.bench.twin.spoil('vm', 'no such program');
    const begun = await bench.ask('POST', `${NS}/${id}/instantiate`, { additionalParamsForVnf: [WHOM] });
    await bench.bench.until(async () => {
      const { body } = await bench.ask('GET', begun.headers['location'] ?? '');
      return text(body, 'operationState') === 'FAILED_TEMP';
    });
    const ended = await bench.ask('POST', `${NS}/${id}/terminate`);
    await bench.settled(ended.headers['location']);
    await toldAll();
    expect(told.map(inShort)).toEqual([
      'NsIdentifierCreationNotification',
      'INSTANTIATE START PROCESSING',
      'INSTANTIATE RESULT FAILED_TEMP',
      'INSTANTIATE RESULT FAILED',
      'TERMINATE START PROCESSING',
      'TERMINATE RESULT COMPLETED',
    ]);
  });

  test('is told what its filter lets through', async () => {
    await subscribe({
      callbackUri,
      filter: {
        nsInstanceSubscriptionFilter: { nsInstanceNames: ['shop'], nsdIds: ['shop-ns'] },
        notificationTypes: ['NsLcmOperationOccurrenceNotification'],
        operationTypes: ['TERMINATE'],
        operationStates: ['COMPLETED'],
      },
    });
    await subscribe({
      callbackUri,
      filter: { nsInstanceSubscriptionFilter: { nsInstanceNames: ['other'] } },
    });
    await life();
    expect(told.map(inShort)).toEqual(['TERMINATE RESULT COMPLETED']);
  });

  test('that fails is tried again, and after four times it is given up', async () => {
    await subscribe({ callbackUri });
    const pauses: number[] = [];
    let left = 2;
    const notifier = startNotifier(
      {
        services: bench.bench.manager,
        packages: bench.bench.packages,
        records: bench.records,
        site,
        infrastructure: () => undefined,
        sites: () => [],
        nowMs: () => 0,
      },
      {
        ask: async () => {
          left -= 1;
          if (left >= 0) throw new Error('it does not answer');
          return left < -1 ? 500 : 200;
        },
        pause: async (ms) => {
          pauses.push(ms);
        },
      },
    );
    await shop();
    await toldAll();
    await notifier.idle();
    expect([pauses, notifier.dropped()]).toEqual([[500, 2000], 0]);
    await bench.ask('DELETE', `${NS}/shop`);
    await toldAll();
    await notifier.idle();
    expect([pauses.slice(2), notifier.dropped()]).toEqual([[500, 2000, 8000], 1]);
    await notifier.stop();
  });

  test('that has left the allow-list since is not told', async () => {
    await subscribe({ callbackUri });
    site.webhooks.allowHosts.splice(0);
    try {
      await shop();
      await toldAll();
      expect(told).toEqual([]);
    } finally {
      site.webhooks.allowHosts.push('hooks.example');
    }
  });
});

describe('a subscription is refused', () => {
  test.each([
    'https://elsewhere.example/x',
    'https://hooks.example.evil/x',
    'https://evil@hooks.example/x',
    'https://hooks.example@evil/x',
    'http://127.0.0.1/x',
  ])('to %s, which is not on the allow-list, without asking there', async (uri) => {
    answers = () => Promise.reject(new Error('asked'));
    const { body } = await subscribe({ callbackUri: uri });
    expect(body).toMatchObject({ status: 422, hint: expect.stringContaining('allowHosts') });
  });

  test('when the address does not want it, is no address, or comes with a secret to be kept', async () => {
    answers = async () => 302;
    expect((await subscribe({ callbackUri })).body).toMatchObject({
      status: 422,
      reason: expect.stringContaining('302'),
    });
    answers = () => Promise.reject(new Error('no'));
    expect((await subscribe({ callbackUri })).body).toMatchObject({ status: 422 });
    expect((await subscribe({ callbackUri: 'file:///etc/passwd' })).status).toBe(400);
    expect((await subscribe({ callbackUri, authentication: { authType: ['BASIC'] } })).status).toBe(400);
    expect((await bench.ask('GET', SUBSCRIPTIONS)).body).toEqual([]);
  });

  test('when there are too many', async () => {
    for (let n = 0; n < 100; n++) expect((await subscribe({ callbackUri })).status).toBe(201);
    expect((await subscribe({ callbackUri })).status).toBe(409);
    const listed = await bench.ask('GET', `${SUBSCRIPTIONS}?filter=(eq,callbackUri,${callbackUri})`);
    expect(Object.keys(Object(listed.body))).toHaveLength(100);
    expect((await bench.ask('GET', `${SUBSCRIPTIONS}/${text(listed.body, '0/id')}`)).body).toEqual(
      field(listed.body, '0'),
    );
  });
});

describe('over HTTP', () => {
  let server: Server;
  let port = 0;
  const asked: string[] = [];
  beforeEach(async () => {
    asked.length = 0;
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (request.url === '/away') response.writeHead(302, { location: '/secret' });
      else response.writeHead(204);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('an address is asked with GET, told with POST, and not followed elsewhere', async () => {
    expect(await askOverHttp(`http://127.0.0.1:${port}/here`, undefined)).toBe(204);
    expect(await askOverHttp(`http://127.0.0.1:${port}/here`, { a: 1 })).toBe(204);
    expect(await askOverHttp(`http://127.0.0.1:${port}/away`, { a: 1 })).toBe(302);
    expect(asked).toEqual(['GET /here', 'POST /here', 'POST /away']);
  });
});
