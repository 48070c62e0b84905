import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { revokeToken } from '../../runtime/tokens/tokens.ts';
import { type ApiBench, apiBench } from '../testing/api-bench.ts';
import { type ConsoleAccess, createConsoleAccess } from './console-access.ts';

let pages: string;
let bench: ApiBench;
let access: ConsoleAccess;
beforeEach(async () => {
  pages = mkdtempSync(join(tmpdir(), 'muster-pages-'));
  mkdirSync(join(pages, 'assets'));
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Muster</title>');
  writeFileSync(join(pages, 'assets/index-abc.js'), 'console.log(1)');
  writeFileSync(join(pages, '..', 'secret-of-muster'), 'secret');
  bench = await apiBench({
    console: (tokens, nowMs) => {
      access = createConsoleAccess({ tokens, nowMs });
      return { access, pages };
    },
  });
});
afterEach(async () => {
  await bench.close();
  rmSync(pages, { recursive: true });
  rmSync(join(pages, '..', 'secret-of-muster'));
});

const NOBODY = { authorization: '' };
const codeIn = (address: string): string => address.slice(address.indexOf('=') + 1);
const enter = (secret: string) => bench.ask('POST', '/v1/session', { secret }, withoutToken());
const withoutToken = (more: Record<string, string> = {}) => ({ ...more, ...NOBODY });

async function cookieFor(secret: string): Promise<string> {
  const { status, headers } = await enter(secret);
  expect(status).toBe(200);
  return (headers['set-cookie'] ?? '').split(';')[0] ?? '';
}

describe('a browser', () => {
  test('comes in once with an address, and gets a cookie that no script reads and no other site sends', async () => {
    const code = codeIn(access.address());
    const { status, headers, body } = await enter(code);
    expect([status, body]).toEqual([200, { name: 'console', role: 'operator' }]);
    expect(headers['set-cookie']).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await enter(code)).status).toBe(401);
    expect((await enter('x')).status).toBe(401);
  });

  test('reads with its cookie, and changes something only from a page of the console', async () => {
    const cookie = await cookieFor(codeIn(access.address()));
    expect((await bench.ask('GET', '/v1/services', undefined, withoutToken({ cookie }))).status).toBe(200);
    const stop = (more: Record<string, string>) =>
      bench.ask('POST', '/v1/console/addresses', undefined, withoutToken({ cookie, ...more }));
    expect((await stop({})).status).toBe(401);
    expect((await stop({ 'x-muster-console': '1' })).status).toBe(200);
    expect(bench.requests.at(-1)).toMatchObject({ caller: 'console' });
  });

  test('has a cookie for each Muster on its machine: to a browser their ports are one', async () => {
    const at = (host: string) => ({ host, 'x-muster-console': '1' });
    const { headers } = await bench.ask(
      'POST',
      '/v1/session',
      { secret: codeIn(access.address()) },
      withoutToken(at('127.0.0.1:7468')),
    );
    const [cookie = ''] = (headers['set-cookie'] ?? '').split(';');
    expect(cookie).toMatch(/^muster-session-7468=/);
    const both = `muster-session-7469=another; ${cookie}`;
    const look = async (host: string) =>
      (await bench.ask('GET', '/v1/session', undefined, withoutToken({ cookie: both, ...at(host) }))).status;
    expect([await look('127.0.0.1:7468'), await look('127.0.0.1:7469')]).toEqual([200, 401]);
  });

  test('of a viewer changes nothing, but may leave', async () => {
    const cookie = await cookieFor(await bench.token('eve', 'viewer'));
    const as = withoutToken({ cookie, 'x-muster-console': '1' });
    expect((await bench.ask('GET', '/v1/session', undefined, as)).body).toEqual({
      name: 'eve',
      role: 'viewer',
    });
    expect((await bench.ask('POST', '/v1/stop', undefined, as)).status).toBe(403);
    const left = await bench.ask('DELETE', '/v1/session', undefined, as);
    expect([left.status, left.headers['set-cookie']]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect((await bench.ask('GET', '/v1/session', undefined, as)).status).toBe(401);
  });

  test('is out at once when its token is revoked, also if another is made under that name, and at the end of its time', async () => {
    const cookie = await cookieFor(await bench.token('alice', 'operator'));
    const look = async () =>
      (await bench.ask('GET', '/v1/services', undefined, withoutToken({ cookie }))).status;
    expect(await look()).toBe(200);
    await revokeToken(bench.tokens, 'alice');
    expect(await look()).toBe(401);
    bench.bench.clock.runUntil(bench.bench.clock.nowMs() + 10);
    const again = await bench.token('alice', 'operator');
    expect(await look()).toBe(401);
    const late = await cookieFor(again);
    bench.bench.clock.runUntil(bench.bench.clock.nowMs() + 13 * 3_600_000);
    expect((await bench.ask('GET', '/v1/services', undefined, withoutToken({ cookie: late }))).status).toBe(
      401,
    );
  });

  test('stays in when Muster is started again: its session is in the store', async () => {
    const cookie = await cookieFor(codeIn(access.address()));
    const [, secret = ''] = cookie.split('=');
    const after = createConsoleAccess({ tokens: bench.tokens, nowMs: () => bench.bench.clock.nowMs() });
    expect(await after.callerOf(secret)).toEqual({ name: 'console', role: 'operator' });
    expect(await after.callerOf(`${secret}x`)).toBeUndefined();
  });
});

describe('pages', () => {
  test('are for everyone, all views being one page, with a policy that runs no script but ours', async () => {
    for (const url of ['/console/', '/console/auctions/a1%2Fc2', '/console/why/x?source=up']) {
      const { status, text, headers } = await bench.ask('GET', url, undefined, NOBODY);
      expect([url, status]).toEqual([url, 200]);
      expect(text).toContain('<title>Muster</title>');
      expect(headers['content-security-policy']).toMatch(/script-src 'self'; style-src 'self';/);
      expect(headers['content-security-policy']).not.toContain('unsafe');
    }
    expect((await bench.ask('GET', '/', undefined, NOBODY)).headers['location']).toBe('/console/');
    const asset = await bench.ask('GET', '/console/assets/index-abc.js', undefined, NOBODY);
    expect([asset.status, asset.headers['cache-control']]).toEqual([
      200,
      expect.stringContaining('immutable'),
    ]);
  });

  test('come compressed to whoever takes that, and as they are to others', async () => {
    writeFileSync(join(pages, 'assets/index-abc.js.gz'), gzipSync('console.log(1)'));
    const ask = (encoding: string) =>
      bench.ask(
        'GET',
        '/console/assets/index-abc.js',
        undefined,
        withoutToken({ 'accept-encoding': encoding }),
      );
    const [small, plain] = [await ask('gzip'), await ask('identity')];
    expect([small.headers['content-encoding'], plain.headers['content-encoding']]).toEqual([
      'gzip',
      undefined,
    ]);
    expect(small.headers['cache-control']).toContain('immutable');
    expect(plain.text).toBe('console.log(1)');
  });

  test('are all that one gets without a token: nothing beside them', async () => {
    for (const url of [
      '/console/assets/../../secret-of-muster',
      '/console/assets/..%2f..%2fsecret-of-muster',
      '/console/assets/none.js',
    ]) {
      const { text } = await bench.ask('GET', url, undefined, NOBODY);
      expect(text).not.toContain('secret');
    }
    for (const url of ['/v1/status', '/v1/journal', '/v1/session', '/v1/network', '/consolex'])
      expect((await bench.ask('GET', url, undefined, NOBODY)).status).toBe(401);
  });
});
