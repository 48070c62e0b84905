import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTokenStore } from './open-token-store.ts';
import { createToken, findToken, listTokens, revokeToken } from './tokens.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'muster-tokens-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const alice = { name: 'alice', role: 'operator', createdAtMs: 5, expiresAtMs: 1000 } as const;

test('a token is known by its secret, to every process that looks, until its time or until it is revoked', async () => {
  const secret = await createToken(await openTokenStore(home), alice);
  const other = await openTokenStore(home);
  expect(await findToken(other, secret, 999)).toMatchObject({ name: 'alice', role: 'operator' });
  expect(await findToken(other, secret, 1000)).toBeUndefined();
  expect(await findToken(other, `${secret}x`, 6)).toBeUndefined();
  expect((await listTokens(await other.view())).map(({ name }) => name)).toEqual(['alice']);
  await revokeToken(await openTokenStore(home), 'alice');
  expect(await findToken(other, secret, 6)).toBeUndefined();
});

test('nothing on the disk has the secret in it', async () => {
  const secret = await createToken(await openTokenStore(home), alice);
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  expect(files.length).toBeGreaterThan(1);
  for (const { parentPath, name } of files) {
    expect(name).not.toContain(secret);
    expect(readFileSync(join(parentPath, name), 'utf8')).not.toContain(secret);
  }
});

test('two secrets are never the same', async () => {
  const store = await openTokenStore(home);
  const secrets = await Promise.all(['a', 'b', 'c'].map((name) => createToken(store, { ...alice, name })));
  expect(new Set(secrets).size).toBe(3);
  expect(secrets.every((each) => /^muster_[\w-]{43}$/.test(each))).toBe(true);
});
