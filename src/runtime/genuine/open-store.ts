import { join } from 'node:path';
import { keyOf, readStoreKey } from '../../adapters/store-sealed/store-key.ts';
import type { ReferenceStore } from '../registry/reference-store.ts';
import { openReferenceStore } from '../registry/reference-store.ts';

/** Names a file with the key of the store, or holds it. */
const KEY_FILE = 'MUSTER_STORE_KEY_FILE';
const KEY = 'MUSTER_STORE_KEY';

/**
 * The store of a pipeline's reference values in `dir`, which is the supervisor's alone. Its key comes from the file or the text that the
 * environment names; without either one is drawn beside the store, which then protects nothing from who can read both.
 * Throws MusterError BAD_FILE.
 */
export function openStore(dir: string): Promise<ReferenceStore> {
  const [named, text] = [process.env[KEY_FILE], process.env[KEY]];
  // Children have no use for it.
  delete process.env[KEY];
  const key =
    named !== undefined
      ? readStoreKey(named, false)
      : text !== undefined
        ? keyOf(text, KEY)
        : readStoreKey(join(dir, 'store.key'), true);
  return openReferenceStore({ file: join(dir, 'references.sealed'), key });
}
