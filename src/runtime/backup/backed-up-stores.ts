import type { Store, StoreView } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import { holdKey } from '../packages/package-keys.ts';
import { findRecord } from '../packages/stored-packages.ts';
import { SERVICE_FORMAT } from '../services/open-service-store.ts';
import { readServices } from '../services/service-records.ts';
import type { BackedUp } from './write-backup.ts';

/** Stores that a backup is made of; undefined: there is none yet. */
export interface BackupStores {
  readonly services: Store | undefined;
  readonly packages: Store | undefined;
  readonly tokens: Store | undefined;
}

/** How often the stores are looked at again when packages have come or gone between two looks. */
const MAX_TRIES = 50;

/**
 * The stores at one time, as far as it counts: every service finds the packages that it holds. Nobody is kept from anything meanwhile.
 * @throws CONFLICT when that cannot be had, STORE_DAMAGED.
 */
export async function backedUpStores({
  services,
  packages,
  tokens,
}: BackupStores): Promise<readonly BackedUp[]> {
  const tokenView = (await tokens?.view()) ?? NOTHING;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const serviceView = (await services?.view()) ?? NOTHING;
    const packageView = (await packages?.view()) ?? NOTHING;
    if (await findsItsPackages(serviceView, packageView)) {
      return [
        { name: 'services', format: SERVICE_FORMAT, view: serviceView },
        { name: 'packages', format: 1, view: packageView },
        { name: 'tokens', format: 1, view: tokenView },
      ];
    }
  }
  throw new MusterError('CONFLICT', 'services and packages change all the time, or do not fit one another', {
    hint: 'try again; muster package list and muster service list tell what there is',
  });
}

const NOTHING: StoreView = { keys: () => [], get: async () => undefined };

async function findsItsPackages(services: StoreView, packages: StoreView): Promise<boolean> {
  for (const { id, held } of await readServices(services)) {
    for (const name of held) {
      const kind = name.startsWith('nsd/') ? 'nsd' : 'vnfd';
      const key = holdKey(kind, name.slice(kind.length + 1), id);
      const record = await findRecord(packages, kind, name.slice(kind.length + 1));
      if (record === undefined || !packages.keys(key).includes(key)) return false;
    }
  }
  return true;
}
