import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../ports/store.ts';
import { musterVersion } from '../muster-version.ts';
import { openPackageStore } from '../packages/open-package-store.ts';
import { openServiceStore } from '../services/open-service-store.ts';
import { openTokenStore } from '../tokens/open-token-store.ts';
import { backedUpStores } from './backed-up-stores.ts';
import { completeRestore } from './complete-restore.ts';
import { writeBackup } from './write-backup.ts';

/** A backup of stores that are open here, while they are used. @throws CONFLICT, STORE_DAMAGED. */
export async function* backupOf(stores: {
  readonly services: Store;
  readonly packages: Store;
  readonly home: string;
}): AsyncGenerator<Uint8Array, void, void> {
  const { services, packages, home } = stores;
  const tokens = existsSync(join(home, 'tokens')) ? await openTokenStore(home) : undefined;
  const parts = await backedUpStores({ services, packages, tokens });
  yield* writeBackup(parts, { madeAtMs: Date.now(), version: musterVersion() });
}

/** A backup of what is in `MUSTER_HOME` while nothing is up there. @throws CONFLICT when another process has the services, STORE_DAMAGED. */
export async function* backupHome(home: string): AsyncGenerator<Uint8Array, void, void> {
  completeRestore(home);
  const there = (name: string): boolean => existsSync(join(home, name));
  const services = there('services') ? await openServiceStore(home) : undefined;
  try {
    const stores = {
      services,
      packages: there('packages') ? await openPackageStore(home) : undefined,
      tokens: there('tokens') ? await openTokenStore(home) : undefined,
    };
    yield* writeBackup(await backedUpStores(stores), { madeAtMs: Date.now(), version: musterVersion() });
  } finally {
    await services?.close();
  }
}
