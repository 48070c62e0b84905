import { join } from 'node:path';
import { type LevelStore, openLevelStore } from '../../adapters/store-level/level-store.ts';
import { completeRestore } from '../backup/complete-restore.ts';
import { makeDirectories } from '../make-directories.ts';
import { makeMusterHome } from '../up/up-file.ts';

/** Format of the records of services; a change of them needs a migration from the one before. */
export const SERVICE_FORMAT = 1;

/** Services and operations of this machine: below `MUSTER_HOME`, open in one process at a time. */
export async function openServiceStore(home: string = makeMusterHome()): Promise<LevelStore> {
  const directory = join(home, 'services');
  makeDirectories(home);
  completeRestore(home);
  return openLevelStore(directory, { format: SERVICE_FORMAT });
}
