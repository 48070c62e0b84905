import { describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../../src/ports/store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const put = (key: string, value: string): StoreChange => ({ kind: 'put', key, value: bytes(value) });

async function textOf(store: Store, key: string): Promise<string | undefined> {
  const value = await (await store.view()).get(key);
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

async function change(store: Store, ...changes: readonly StoreChange[]): Promise<void> {
  await store.update(async () => ({ changes, answer: undefined }));
}

export interface StoreUnderTest {
  readonly store: Store;
  /** Closes it and opens it again on what is on disk; undefined: it keeps nothing. */
  readonly reopen: (() => Promise<Store>) | undefined;
  close(): Promise<void>;
}

/** What every store does, whatever it keeps its values in. */
export function storeSuite(name: string, open: () => Promise<StoreUnderTest>): void {
  const using = async (body: (under: StoreUnderTest) => Promise<void>): Promise<void> => {
    const under = await open();
    try {
      await body(under);
    } finally {
      await under.close();
    }
  };

  describe(name, () => {
    test('is empty at first, and gives what was put, keys sorted', () =>
      using(async ({ store }) => {
        expect((await store.view()).keys('')).toEqual([]);
        await change(store, put('b/2', 'two'), put('a', 'one'), put('b/1', 'drei'));
        expect((await store.view()).keys('b/')).toEqual(['b/1', 'b/2']);
        expect(await textOf(store, 'a')).toBe('one');
        expect(await textOf(store, 'c')).toBeUndefined();
      }));

    test('values are bytes, empty ones too, and keys any text', () =>
      using(async ({ store }) => {
        const value = Uint8Array.from({ length: 256 }, (_, index) => index);
        const key = 'ключ/é%2F \u0001';
        await store.update(async () => ({
          changes: [
            { kind: 'put', key, value },
            { kind: 'put', key: 'empty', value: new Uint8Array() },
          ],
          answer: undefined,
        }));
        const view = await store.view();
        expect([...((await view.get(key)) ?? [])]).toEqual([...value]);
        expect(await view.get('empty')).toHaveLength(0);
        expect(view.keys('')).toEqual(['empty', key]);
      }));

    test('a view stays as it was', () =>
      using(async ({ store }) => {
        await change(store, put('a', 'old'), put('gone', 'still here'));
        const view = await store.view();
        await change(store, put('a', 'new'), put('b', 'more'), { kind: 'delete', key: 'gone' });
        expect(view.keys('')).toEqual(['a', 'gone']);
        expect(new TextDecoder().decode(await view.get('a'))).toBe('old');
        expect(new TextDecoder().decode(await view.get('gone'))).toBe('still here');
        expect(await textOf(store, 'a')).toBe('new');
        expect(await textOf(store, 'gone')).toBeUndefined();
      }));

    test('a decision that throws changes nothing', () =>
      using(async ({ store }) => {
        await change(store, put('a', 'old'));
        const attempt = store.update(async () => {
          throw new Error('no');
        });
        await expect(attempt).rejects.toThrow('no');
        expect(await textOf(store, 'a')).toBe('old');
      }));

    test('is never decided on what another has changed meanwhile', () =>
      using(async ({ store }) => {
        await change(store, put('n', '0'));
        const add = () =>
          store.update(async (view) => {
            const n = Number(new TextDecoder().decode(await view.get('n')));
            await new Promise((resolve) => setImmediate(resolve));
            return { changes: [put('n', String(n + 1))], answer: n + 1 };
          });
        const answers = await Promise.all(Array.from({ length: 12 }, add));
        expect(await textOf(store, 'n')).toBe('12');
        expect(answers.toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: 12 }, (_, index) => index + 1),
        );
      }));

    test('keys that have come are seen by who decides on which there are', () =>
      using(async ({ store }) => {
        const claim = (key: string) =>
          store.update(async (view) => {
            if (view.keys('only/').length > 0) return { changes: [], answer: false };
            await new Promise((resolve) => setImmediate(resolve));
            return { changes: [put(`only/${key}`, '')], answer: true };
          });
        const claimed = await Promise.all(['a', 'b', 'c'].map(claim));
        expect(claimed.filter(Boolean)).toHaveLength(1);
        expect((await store.view()).keys('only/')).toHaveLength(1);
      }));

    test('of a change all is there when it is opened again', () =>
      using(async ({ store, reopen }) => {
        if (reopen === undefined) return;
        await change(store, put('a', 'one'), put('b', 'two'), put('c', 'three'));
        await change(store, put('a', 'uno'), { kind: 'delete', key: 'c' });
        const again = await reopen();
        expect((await again.view()).keys('')).toEqual(['a', 'b']);
        expect(await textOf(again, 'a')).toBe('uno');
        expect(await textOf(again, 'b')).toBe('two');
      }));
  });
}
