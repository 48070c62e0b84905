import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../ports/store.ts';
import { ServiceFileSchema } from '../../protocol/service-file.ts';
import { onboardPackages } from '../packages/onboard-packages.ts';
import { openPackageStore } from '../packages/open-package-store.ts';
import { bare } from '../packages/testing/sample-files.ts';
import { newService } from '../services/new-service.ts';
import { openServiceStore, SERVICE_FORMAT } from '../services/open-service-store.ts';
import { packagesIn } from '../services/service-packages.ts';
import { addService, changeService, readServices } from '../services/service-records.ts';
import { functionVnfd, shopNsd } from '../services/testing/shop-packages.ts';
import { openTokenStore } from '../tokens/open-token-store.ts';
import { createToken } from '../tokens/tokens.ts';
import { backedUpStores } from './backed-up-stores.ts';
import { backupHome } from './backup-home.ts';
import { markRestore } from './complete-restore.ts';
import { checkBackup, restoreBackup } from './restore-backup.ts';
import { writeBackup } from './write-backup.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-backup-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const HOLDS = ['nsd/shop-ns', 'vnfd/wall', 'vnfd/web'];
const OPTIONS = { name: 'my.backup', force: false, nowMs: 0 };

/** A home with packages, services that hold them, and a token. */
async function filled(name: string, services = 3): Promise<string> {
  const home = join(dir, name);
  const packages = await openPackageStore(home);
  await onboard(packages);
  await createToken(await openTokenStore(home), {
    name: 'alice',
    role: 'operator',
    createdAtMs: 0,
    expiresAtMs: null,
  });
  const store = await openServiceStore(home);
  for (let n = 0; n < services; n++) await addHolding(store, packages, `shop-${n}`);
  await store.close();
  return home;
}

async function onboard(packages: Store): Promise<void> {
  const opened = [functionVnfd('wall'), functionVnfd('web'), shopNsd('wall', 'web')].map((text, n) =>
    bare(text, `${n}.yaml`),
  );
  const site = { images: {}, webhooks: { allowHosts: [] } };
  await onboardPackages(packages, opened, { site, update: false, nowMs: 0 });
}

async function addHolding(store: Store, packages: Store, name: string): Promise<void> {
  const wanted = ServiceFileSchema.parse({ name, nsd: 'shop-ns' });
  await addService(store, newService(wanted, 'default', name, 0));
  for (const each of HOLDS) await packagesIn(packages).hold(each, name);
  await changeService(store, name, undefined, async ({ service }) => ({
    stored: { service: { ...service, held: HOLDS } },
    answer: undefined,
  }));
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return new Uint8Array(Buffer.concat(all));
}

/** In pieces of this size, as a file gives it. */
async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Everything in the stores of a home, as text. */
async function contents(home: string): Promise<Readonly<Record<string, string>>> {
  const services = await openServiceStore(home);
  try {
    const found: Record<string, string> = {};
    const stores = { services, packages: await openPackageStore(home), tokens: await openTokenStore(home) };
    for (const [name, store] of Object.entries(stores)) {
      const view = await store.view();
      for (const key of view.keys(''))
        found[`${name} ${key}`] = Buffer.from((await view.get(key)) ?? []).toString('hex');
    }
    return found;
  } finally {
    await services.close();
  }
}

test('what is backed up is restored elsewhere, all of it', async () => {
  const home = await filled('there');
  const backup = await bytesOf(backupHome(home));
  const away = join(dir, 'elsewhere');
  const { header, aside } = await restoreBackup(inPieces(backup, 7), { ...OPTIONS, home: away });
  expect(aside).toBeUndefined();
  expect(header.parts.map(({ name, format }) => [name, format])).toEqual([
    ['services', SERVICE_FORMAT],
    ['packages', 1],
    ['tokens', 1],
  ]);
  expect(await contents(away)).toEqual(await contents(home));
  expect(Object.keys(await contents(away)).length).toBeGreaterThan(15);
  expect(readdirSync(away).toSorted()).toEqual(['packages', 'services', 'tokens']);
});

test('of what changes meanwhile it has one moment: each service finds its packages, and no change is half there', async () => {
  const home = await filled('busy', 0);
  const [store, packages] = [await openServiceStore(home), await openPackageStore(home)];
  let going = true;
  let changes = 0;
  const work = (async () => {
    for (let n = 0; going; n++) {
      await addHolding(store, packages, `s${n % 5}-${n}`);
      changes++;
      await store.update(async () => ({
        changes: ['pair/a', 'pair/b'].map((key) => ({
          kind: 'put',
          key,
          value: new TextEncoder().encode(String(n)),
        })),
        answer: undefined,
      }));
    }
  })();
  try {
    for (let round = 0; round < 5; round++) {
      const parts = await backedUpStores({ services: store, packages, tokens: undefined });
      const backup = await bytesOf(writeBackup(parts, { madeAtMs: 0, version: '0.1.0' }));
      const away = join(dir, `copy-${round}`);
      await restoreBackup(inPieces(backup), { ...OPTIONS, home: away });
      const found = await contents(away);
      expect(found['services pair/a']).toBe(found['services pair/b']);
      const restored = await openServiceStore(away);
      const services = await readServices(await restored.view());
      await restored.close();
      for (const { id, held } of services) {
        for (const each of held) expect(found[`packages use/${each}/${id}`]).toBe('');
      }
    }
  } finally {
    going = false;
    await work;
    await store.close();
  }
  expect(changes).toBeGreaterThan(5);
});

describe('refused, and nothing is changed', () => {
  test('is what is damaged, wherever it is, and what was cut short', async () => {
    const backup = await bytesOf(backupHome(await filled('there', 1)));
    const home = join(dir, 'empty');
    const refused = async (bytes: Uint8Array) => {
      await expect(restoreBackup(inPieces(bytes), { ...OPTIONS, home })).rejects.toMatchObject({
        code: expect.stringMatching(/^(BAD_FILE|NOT_SUPPORTED)$/),
      });
      expect(readdirSync(home)).toEqual([]);
    };
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: backup.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const bytes = backup.slice();
          bytes[at] = (bytes[at] ?? 0) ^ flip;
          await refused(bytes);
        },
      ),
      { numRuns: 40 },
    );
    for (const length of [0, 5, 16, 300, backup.length - 100, backup.length - 1])
      await refused(backup.slice(0, length));
    await refused(new Uint8Array(Buffer.concat([backup, Buffer.from('more\n')])));
  }, 60_000);

  test('is a backup of a later version, of the file or of what is in it', async () => {
    const text = Buffer.from(await bytesOf(backupHome(await filled('there', 0)))).toString('latin1');
    for (const later of [
      text.replace('muster-backup 1\n', 'muster-backup 2\n'),
      text.replace(`"name":"services","format":${SERVICE_FORMAT}`, '"name":"services","format":999'),
    ]) {
      expect(later).not.toBe(text);
      const bytes = new Uint8Array(Buffer.from(later, 'latin1'));
      await expect(checkBackup('later', inPieces(bytes))).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    }
    const other = new TextEncoder().encode('service:\n  name: shop\n');
    await expect(checkBackup('shop.yaml', inPieces(other))).rejects.toMatchObject({
      code: 'BAD_FILE',
      message: 'shop.yaml is no backup of Muster',
    });
  });

  test('is a backup of stores that are damaged', async () => {
    const home = await filled('there', 0);
    const values = join(home, 'packages', 'values');
    for (const file of readdirSync(values)) rmSync(join(values, file));
    await expect(bytesOf(backupHome(home))).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  });

  test('is what would overwrite, unless it is forced: then what was there is kept beside it', async () => {
    const [home, other] = [await filled('there', 3), await filled('other', 1)];
    const [before, after] = [await contents(home), await contents(other)];
    const backup = await bytesOf(backupHome(other));
    await expect(restoreBackup(inPieces(backup), { ...OPTIONS, home })).rejects.toMatchObject({
      code: 'CONFLICT',
      hint: expect.stringContaining('--force'),
    });
    expect(await contents(home)).toEqual(before);
    const { aside = '' } = await restoreBackup(inPieces(backup), { ...OPTIONS, home, force: true });
    expect(await contents(home)).toEqual(after);
    expect(await contents(aside)).toEqual(before);
  });

  test('is a restore under the hands of a process that has the services open', async () => {
    const home = await filled('there', 1);
    const backup = await bytesOf(backupHome(home));
    const store = await openServiceStore(home);
    try {
      await expect(restoreBackup(inPieces(backup), { ...OPTIONS, home, force: true })).rejects.toMatchObject({
        code: 'CONFLICT',
      });
    } finally {
      await store.close();
    }
  });
});

test.each([0, 1, 2, 3])(
  'a restore that was cut off after %i stores is brought to its end by whoever comes next',
  async (moved) => {
    const [home, other] = [await filled('there', 2), await filled('other', 1)];
    const after = await contents(other);
    const aside = 'before-restore-2026-01-01T00-00-00-000Z';
    const from = `restoring-${'0'.repeat(16)}`;
    renameSync(other, join(home, from));
    markRestore(home, { from, aside });
    mkdirSync(join(home, aside));
    for (const name of ['services', 'packages', 'tokens'].slice(0, moved)) {
      renameSync(join(home, name), join(home, aside, name));
      // Cut off between the two moves of the last one.
      if (name !== ['services', 'packages', 'tokens'][moved - 1])
        renameSync(join(home, from, name), join(home, name));
    }
    expect(await contents(home)).toEqual(after);
    expect(existsSync(join(home, 'restore.json'))).toBe(false);
    expect(existsSync(join(home, from))).toBe(false);
  },
);
