import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askOverHttp, createAskOverHttp, isInward } from './ask-over-http.ts';

let server: Server;
let port = 0;
const asked: string[] = [];
beforeEach(async () => {
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.host}`);
    // Says much, and never comes to an end.
    response.writeHead(204);
    response.flushHeaders();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const leadsTo =
  (...addresses: readonly string[]) =>
  (
    _name: string,
    _options: object,
    done: (error: null, found: { address: string; family: number }[]) => void,
  ) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

describe('a name on the allow-list', () => {
  test.each([
    '127.0.0.1',
    '127.8.9.1',
    '0.0.0.0',
    '169.254.169.254',
    '::1',
    '::',
    'fe80::1',
    '::ffff:127.0.0.1',
    '224.0.0.1',
  ])('that leads to %s is not asked', async (address) => {
    const ask = createAskOverHttp(leadsTo(address));
    await expect(ask(`http://hooks.example:${port}/x`, { a: 1 })).rejects.toThrow('leads to this machine');
    expect(asked).toEqual([]);
  });

  test('is asked at the addresses that are left', () => {
    expect(
      ['10.0.0.5', '192.168.1.2', '203.0.113.9', '2001:db8::1'].map((each) =>
        isInward(each, each.includes(':') ? 6 : 4),
      ),
    ).toEqual([false, false, false, false]);
  });

  test('that nobody knows is told so', async () => {
    const ask = createAskOverHttp((_name, _options, done) => done(new Error('ENOTFOUND'), []));
    await expect(ask('http://hooks.example/x', undefined)).rejects.toThrow('ENOTFOUND');
  });
});

test('this machine is asked where its operator has named it', async () => {
  expect(await askOverHttp(`http://127.0.0.1:${port}/here`, { a: 1 })).toBe(204);
  expect(await createAskOverHttp(leadsTo('127.0.0.1'))(`http://localhost:${port}/there`, undefined)).toBe(
    204,
  );
  expect(asked).toEqual([`POST /here 127.0.0.1:${port}`, `GET /there localhost:${port}`]);
});
