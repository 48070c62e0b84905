import { join } from 'node:path';
import { openDirectoryStore } from '../../adapters/store-directory/directory-store.ts';
import type { Store } from '../../ports/store.ts';
import { completeRestore } from '../backup/complete-restore.ts';
import { cannotWrite } from '../cannot-write.ts';
import { makeMusterHome } from '../up/up-file.ts';

/** The packages of this machine: below `MUSTER_HOME`. */
export async function openPackageStore(home: string = makeMusterHome()): Promise<Store> {
  const directory = join(home, 'packages');
  completeRestore(home);
  try {
    return await openDirectoryStore(directory);
  } catch (cause) {
    throw cannotWrite(directory, cause);
  }
}
