import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../ports/store.ts';
import { openDirectoryStore } from './directory-store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = async (store: Store, key: string) => {
  const found = await (await store.view()).get(key);
  return found === undefined ? undefined : new TextDecoder().decode(found);
};
const put = (store: Store, pairs: Readonly<Record<string, string>>) =>
  store.update(async () => ({
    changes: Object.entries(pairs).map(([key, value]) => ({ kind: 'put', key, value: bytes(value) })),
    answer: undefined,
  }));

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-store-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('what is put is there for the next process, under keys of any kind', async () => {
  const store = await openDirectoryStore(dir);
  await put(store, { 'a/../../etc': 'one', __proto__x: 'two', 'ä ß': '' });
  const again = await openDirectoryStore(dir);
  expect(await textOf(again, 'a/../../etc')).toBe('one');
  expect(await textOf(again, 'ä ß')).toBe('');
  expect((await again.view()).keys('a/')).toEqual(['a/../../etc']);
  await again.update(async () => ({ changes: [{ kind: 'delete', key: 'ä ß' }], answer: 0 }));
  expect(await textOf(store, 'ä ß')).toBeUndefined();
});

test('a view stays what it was while others change the store', async () => {
  const store = await openDirectoryStore(dir);
  await put(store, { a: '1' });
  const view = await store.view();
  await put(store, { a: '2', b: '2' });
  expect(new TextDecoder().decode(await view.get('a'))).toBe('1');
  expect(view.keys('')).toEqual(['a']);
});

test('a decision that throws changes nothing', async () => {
  const store = await openDirectoryStore(dir);
  await put(store, { a: '1' });
  const failing = store.update(async () => {
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await textOf(store, 'a')).toBe('1');
});

test('of fifteen who count at the same time none is lost, and each decides on what is there', async () => {
  const stores = await Promise.all(Array.from({ length: 3 }, () => openDirectoryStore(dir)));
  const count = (store: Store) =>
    store.update(async (view) => {
      const now = Number(new TextDecoder().decode((await view.get('n')) ?? bytes('0'))) + 1;
      return { changes: [{ kind: 'put', key: 'n', value: bytes(String(now)) }], answer: now };
    });
  const answers = await Promise.all(stores.flatMap((store) => Array.from({ length: 5 }, () => count(store))));
  expect(answers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
  expect(await textOf(stores[0] ?? (await openDirectoryStore(dir)), 'n')).toBe('15');
});

test('two hundred who change it at once are answered, each for itself, with few writes; and whoever is answered may go on at once', async () => {
  const store = await openDirectoryStore(dir);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, async (_, n) => {
      const seen = await store.update(async (view) => {
        if (n % 50 === 7) throw new Error(`not ${n}`);
        const change = { kind: 'put', key: `first/${n}`, value: bytes('') } as const;
        return { changes: [change], answer: view.keys('first/').length };
      });
      await put(store, { [`second/${n}`]: String(n) });
      return seen;
    }),
  );
  const refused = outcomes.flatMap((each, n) => (each.status === 'rejected' ? [`${n} ${each.reason}`] : []));
  expect(refused).toEqual([7, 57, 107, 157].map((n) => `${n} Error: not ${n}`));
  // Each has seen what those before it had decided.
  const seen = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 196 }, (_, n) => n));
  const view = await (await openDirectoryStore(dir)).view();
  expect([view.keys('first/').length, view.keys('second/').length]).toEqual([196, 196]);
  const [index = ''] = readdirSync(dir).filter((file) => file.startsWith('index-'));
  expect(Number(/\d+/.exec(index)?.[0])).toBeLessThan(40);
});

test('what is damaged is said to be so, and never handed out', async () => {
  const store = await openDirectoryStore(dir);
  await put(store, { a: 'precious' });
  const [value = ''] = readdirSync(join(dir, 'values'));
  writeFileSync(join(dir, 'values', value), 'forged');
  await expect((await store.view()).get('a')).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  const [index = ''] = readdirSync(dir).filter((file) => file.startsWith('index-'));
  writeFileSync(join(dir, index), '{');
  await expect(store.view()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
});

test('what nobody refers to any more is removed, once it is old', async () => {
  const store = await openDirectoryStore(dir);
  await put(store, { a: 'old' });
  await put(store, { a: 'new' });
  expect(readdirSync(join(dir, 'values'))).toHaveLength(2);
  for (const file of readdirSync(join(dir, 'values'))) utimesSync(join(dir, 'values', file), 0, 0);
  await put(store, { b: 'more' });
  expect(readdirSync(join(dir, 'values'))).toHaveLength(2);
  expect(await textOf(store, 'a')).toBe('new');
  expect(readdirSync(dir).filter((file) => file.startsWith('index-'))).toHaveLength(1);
});

describe('kill -9', () => {
  test('of a writer at any moment: what it was told is stored is there, whole, and the next one goes on', async () => {
    const writer = new URL('testing/store-writer.ts', import.meta.url).pathname;
    const tsx = import.meta.resolve('tsx');
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, ['--import', tsx, writer, dir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let acknowledged = -1;
      try {
        // Killed after another number of lines each time, in the middle of what it does next.
        for await (const line of createInterface({ input: child.stdout })) {
          acknowledged = Number(line);
          if (acknowledged % 7 === round) break;
        }
      } finally {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      expect(acknowledged).toBeGreaterThanOrEqual(0);
      const store = await openDirectoryStore(dir);
      const n = Number(await textOf(store, 'n'));
      expect(n).toBeGreaterThanOrEqual(acknowledged);
      // Both keys of one change, or neither; and every value is whole.
      expect(await textOf(store, 'copy')).toBe(String(n).repeat(2000));
    }
  }, 60_000);
});
