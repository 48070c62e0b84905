import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLevelStore } from './level-store.ts';
import type { Migrations } from './migrations.ts';

// Stores of earlier versions of Muster, as those have written them: by their layout on disk, not by the code of now, which may come to
// write another one.

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-older-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Version 0.1.0: `v/<key>` holds a sha256 over the key's length, a space, the key and the value, then the value; `!head` the exclusive or of all. */
async function writeStoreOf010(values: Readonly<Record<string, string>>, format: number): Promise<void> {
  const database = new ClassicLevel<string, Buffer>(directory, { valueEncoding: 'buffer' });
  await database.open();
  const total = Buffer.alloc(32);
  for (const [key, text] of Object.entries(values)) {
    const value = Buffer.from(text);
    const seal = createHash('sha256')
      .update(`${Buffer.byteLength(key)} ${key}`)
      .update(value)
      .digest();
    for (let at = 0; at < 32; at++) total[at] = (total[at] ?? 0) ^ (seal[at] ?? 0);
    await database.put(`v/${key}`, Buffer.concat([seal, value]));
  }
  await database.put('!head', Buffer.from(JSON.stringify({ format, total: total.toString('hex') })));
  await database.close();
}

const SERVICES = {
  'service/a': '{"format":1,"name":"shop","onPartition":"move"}',
  'service/ü b': '{"format":1,"name":"other","onPartition":"stay"}',
  'name/shop': '"a"',
  'name/other': '"ü b"',
};

/** What a change of the records could come to: a field gets another name, and an index goes. */
const MIGRATIONS: Migrations = {
  1: (values) =>
    [...values].flatMap(([key, bytes]) => {
      if (!key.startsWith('service/')) return [];
      const { onPartition, ...rest } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
      const value = new TextEncoder().encode(JSON.stringify({ ...rest, format: 2, whenCutOff: onPartition }));
      return [{ kind: 'put' as const, key, value }];
    }),
  2: (values) =>
    [...values.keys()]
      .filter((key) => key.startsWith('name/'))
      .map((key) => ({ kind: 'delete' as const, key })),
};

async function contents(format: number, migrations?: Migrations): Promise<Readonly<Record<string, string>>> {
  const store = await openLevelStore(directory, {
    format,
    ...(migrations === undefined ? {} : { migrations }),
  });
  try {
    const view = await store.view();
    const found: Record<string, string> = {};
    for (const key of view.keys('')) found[key] = new TextDecoder().decode(await view.get(key));
    return found;
  } finally {
    await store.close();
  }
}

test('a store of version 0.1.0 is read by this one', async () => {
  await writeStoreOf010(SERVICES, 1);
  expect(await contents(1)).toEqual(SERVICES);
});

test('it is brought to a later format, one after the other, and stays there', async () => {
  await writeStoreOf010(SERVICES, 1);
  const wanted = {
    'service/a': '{"format":2,"name":"shop","whenCutOff":"move"}',
    'service/ü b': '{"format":2,"name":"other","whenCutOff":"stay"}',
  };
  expect(await contents(3, MIGRATIONS)).toEqual(wanted);
  // Without what leads there: nothing is to be done any more.
  expect(await contents(3)).toEqual(wanted);
  await expect(contents(1)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
});

test('a migration that was cut off between two formats goes on from there', async () => {
  await writeStoreOf010(SERVICES, 1);
  const cut: Migrations = {
    ...MIGRATIONS,
    2: () => {
      throw new Error('the process ends here');
    },
  };
  await expect(contents(3, cut)).rejects.toThrow();
  expect(Object.keys(await contents(2)).toSorted()).toEqual(Object.keys(SERVICES).toSorted());
  expect(Object.keys(await contents(3, MIGRATIONS))).toEqual(['service/a', 'service/ü b']);
});

test('one value that was changed on disk is found before anything is migrated', async () => {
  await writeStoreOf010(SERVICES, 1);
  const database = new ClassicLevel<string, Buffer>(directory, { valueEncoding: 'buffer' });
  await database.open();
  await database.put('v/name/shop', Buffer.from('forged'));
  await database.close();
  await expect(contents(3, MIGRATIONS)).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
});
