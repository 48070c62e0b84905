import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openPackageStore } from '../packages/open-package-store.ts';
import { openServiceStore } from '../services/open-service-store.ts';
import { openTokenStore } from '../tokens/open-token-store.ts';
import { backedUpStores } from './backed-up-stores.ts';
import { completeRestore } from './complete-restore.ts';
import { writeBackup } from './write-backup.ts';

/** A backup of what is in `MUSTER_HOME` while nothing is up there. @throws CONFLICT when another process has the services, STORE_DAMAGED. */
export async function* backupHome(home: string, version: string): AsyncGenerator<Uint8Array, void, void> {
  completeRestore(home);
  const there = (name: string): boolean => existsSync(join(home, name));
  const services = there('services') ? await openServiceStore(home) : undefined;
  try {
    const stores = {
      services,
      packages: there('packages') ? await openPackageStore(home) : undefined,
      tokens: there('tokens') ? await openTokenStore(home) : undefined,
    };
    yield* writeBackup(await backedUpStores(stores), { madeAtMs: Date.now(), version });
  } finally {
    await services?.close();
  }
}
