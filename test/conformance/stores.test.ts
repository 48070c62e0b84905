import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDirectoryStore } from '../../src/adapters/store-directory/directory-store.ts';
import { openLevelStore } from '../../src/adapters/store-level/level-store.ts';
import { createMemoryStore } from '../../src/adapters/store-memory/memory-store.ts';
import { storeSuite } from './store-suite.ts';

storeSuite('the store in a directory', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'muster-store-'));
  return {
    store: await openDirectoryStore(directory),
    reopen: () => openDirectoryStore(directory),
    close: async () => rmSync(directory, { recursive: true, force: true }),
  };
});

storeSuite('the store in LevelDB', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'muster-store-'));
  let store = await openLevelStore(directory, { format: 1 });
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openLevelStore(directory, { format: 1 });
      return store;
    },
    close: async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
});

storeSuite('the store in memory', async () => ({
  store: createMemoryStore(),
  reopen: undefined,
  close: async () => {},
}));
