import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProblemDetailsSchema } from '../../protocol/problem-details.ts';
import { type ApiBench, apiBench, SHOP, WALL, WEB, WHOM } from '../testing/api-bench.ts';

let bench: ApiBench;
beforeEach(async () => {
  bench = await apiBench();
});
afterEach(() => bench.close());

const NS = '/nslcm/v1/ns_instances';
const JSON_TYPE = 'application/json';

/** A termination that is to be put off, of a service that there is. */
async function late() {
  await bench.bench.onboard(WALL, WEB, SHOP);
  await bench.ask('POST', NS, { nsdId: 'shop-ns', nsName: 'shop' });
  return bench.ask('POST', `${NS}/shop/terminate`, { terminationTime: '2999-01-01T00:00:00Z' });
}

/** Units that are healed together, each list as long as one may be, of a service that there is. */
async function tooMany() {
  await bench.bench.onboard(WALL, WEB, SHOP);
  await bench.ask('POST', NS, { nsdId: 'shop-ns', nsName: 'shop' });
  const begun = await bench.ask('POST', `${NS}/shop/instantiate`, { additionalParamsForVnf: [WHOM] });
  await bench.settled(begun.headers['location']);
  const units = Array.from({ length: 150 }, (_, n) => `web/vm/${n}`);
  const one = { vnfInstanceId: 'web', additionalParams: { units } };
  return bench.ask('POST', `${NS}/shop/heal`, { healVnfData: [one, one] });
}

describe('every wrong call gets ProblemDetails that say what to do', () => {
  test.each([
    ['a path that is not there', 404, () => bench.ask('GET', '/nslcm/v2/ns_instances')],
    ['a service that is not there', 404, () => bench.ask('GET', `${NS}/none`)],
    ['an id that cannot be', 404, () => bench.ask('GET', `${NS}/${'x'.repeat(900)}`)],
    ['a path that is not encoded', 400, () => bench.ask('GET', `${NS}/%zz`)],
    ['a method that there is not', 405, () => bench.ask('PUT', NS, {})],
    ['no JSON', 400, () => bench.send('POST', NS, '{"nsdId": ', JSON_TYPE)],
    ['JSON that is too deep', 400, () => bench.send('POST', NS, '['.repeat(5000), JSON_TYPE)],
    ['what is missing', 400, () => bench.ask('POST', NS, {})],
    ['no body', 400, () => bench.ask('POST', NS)],
    ['what nobody knows', 400, () => bench.ask('POST', NS, { nsdId: 'a', nsName: 'b', colour: 'red' })],
    ['a name that a shell would act upon', 400, () => bench.ask('POST', NS, { nsdId: 'a', nsName: '$(x)' })],
    [
      'a name of a value that no template can have',
      400,
      () => bench.ask('POST', `${NS}/x/instantiate`, { additionalParamsForNs: { 'my colour': 'red' } }),
    ],
    ['what is too much together', 400, tooMany],
    ['a body that is too large', 413, () => bench.send('POST', NS, `"${'x'.repeat(300_000)}"`, JSON_TYPE)],
    [
      'a type that is not taken',
      415,
      () => bench.send('POST', NS, 'nsdId=a', 'application/x-www-form-urlencoded'),
    ],
    ['a type that is not named', 415, () => bench.send('POST', NS, '{}', '')],
    ['a time that is to come', 422, () => late()],
  ] as const)('%s: %i', async (_, status, ask) => {
    const asked = await ask();
    expect([asked.status, asked.type]).toEqual([status, 'application/problem+json']);
    const problem = ProblemDetailsSchema.parse(asked.body);
    expect(problem.status).toBe(status);
    expect(problem.hint).not.toBe('');
    expect(problem.detail).toBe(`${problem.reason}; ${problem.hint}`);
    expect(bench.trouble).toEqual([]);
  });

  test('a method that there is not: the answer names those that there are', async () => {
    expect((await bench.ask('PUT', `${NS}/x/scale`, {})).headers['allow']).toBe('POST');
    expect((await bench.ask('DELETE', NS)).headers['allow']).toBe('GET, HEAD, POST');
  });

  test('YAML is taken in place of JSON, an alias bomb is not', async () => {
    const taken = await bench.send('POST', NS, 'nsdId: none\nnsName: x\n', 'application/yaml');
    expect(taken.body).toMatchObject({ status: 404, reason: expect.stringContaining('none') });
    const levels = 'abcdefgh'.split('').map(
      (name, n, all) =>
        `${name}: &${name} [${
          n === 0
            ? 'x'
            : Array(9)
                .fill(`*${all[n - 1]}`)
                .join(',')
        }]`,
    );
    expect((await bench.send('POST', NS, levels.join('\n'), 'application/yaml')).body).toMatchObject({
      status: 400,
      reason: expect.stringContaining('aliases'),
    });
  });

  test('prototypes are not reached by JSON', async () => {
    const sent = await bench.send('POST', NS, '{"__proto__": {"nsdId": "a"}, "nsName": "x"}', JSON_TYPE);
    expect(sent.status).toBe(400);
  });

  test('of what goes wrong inside nothing is told but that', async () => {
    const store = bench.bench.manager;
    store.list = () => Promise.reject(new Error('secret path /etc/x'));
    const { status, text } = await bench.ask('GET', NS);
    expect(status).toBe(500);
    expect(text).not.toContain('secret');
    expect(bench.trouble).toHaveLength(1);
  });

  test('what is no HTTP at all', async () => {
    await bench.api.listen({ host: '127.0.0.1', port: 0 });
    const address = bench.api.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('hello\r\n\r\n'));
      let said = '';
      socket.on('data', (chunk) => {
        said += chunk.toString();
      });
      socket.on('close', () => resolve(said));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*"hint":/s);
  });
});

test('without services their paths say that nobody manages any, and the others go on', async () => {
  const without = await apiBench({ without: 'services' });
  try {
    for (const [method, url] of [
      ['GET', NS],
      ['POST', `${NS}/x/scale`],
      ['GET', '/v1/services'],
      ['GET', '/osm/nsd/v1/ns_descriptors'],
      ['DELETE', '/vnfpkgm/v1/vnf_packages/x'],
    ] as const) {
      const asked = await without.ask(method, url, undefined, { accept: 'application/json' });
      expect([url, asked.status, asked.body]).toMatchObject([
        url,
        503,
        { hint: expect.stringContaining('muster up') },
      ]);
    }
    expect((await without.ask('GET', '/v1/status')).status).toBe(200);
  } finally {
    await without.close();
  }
});
