import { ClassicLevel } from 'classic-level';
import type { Store, StoreChange, StoreView } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import { ValueCache } from '../store-cache/value-cache.ts';
import { ChangeLog, type Reads } from './change-log.ts';
import { damageInLogs } from './check-logs.ts';
import { damaged, levelError } from './level-errors.ts';
import { type Migrations, migrated } from './migrations.ts';
import { sealed, unsealed } from './seal.ts';
import { HEAD_KEY, headOf, VALUE, writtenHead } from './store-head.ts';
import { changedState, type StoreState, stateOf } from './store-state.ts';

/** How often a decision is made again because others have changed what it looked at. */
const MAX_TRIES = 50;

export interface LevelStoreOptions {
  /** Format of what is kept there; a store of an earlier one is brought to it when it is opened. */
  readonly format: number;
  readonly migrations?: Migrations;
}

export interface LevelStore extends Store {
  /** Waits for what is being written. */
  close(): Promise<void>;
}

type Database = ClassicLevel<string, Uint8Array>;
type Snapshot = ReturnType<Database['snapshot']>;

interface Standing {
  readonly state: StoreState;
  readonly snapshot: Snapshot;
}

interface Wish {
  readonly base: number;
  readonly reads: Reads;
  readonly changes: readonly StoreChange[];
  settle(outcome: 'made' | 'again' | Error): void;
}

/**
 * A store in LevelDB. A change is one batch, written and synced before it is acknowledged; changes that come while another is written go
 * to disk together. Every value has a seal, and all seals one sum that is written with each change, so that a value that was changed, or
 * a change that was lost from the middle, is found when the store is opened.
 * @throws CONFLICT when another process has it open, STORE_DAMAGED, NOT_SUPPORTED for one of a later version, CANNOT_WRITE.
 */
export async function openLevelStore(directory: string, options: LevelStoreOptions): Promise<LevelStore> {
  const damage = await damageInLogs(directory);
  if (damage !== undefined) throw damaged(directory, damage);
  const database: Database = new ClassicLevel(directory, { keyEncoding: 'utf8', valueEncoding: 'view' });
  try {
    await database.open();
    const found = await readAll(directory, database);
    const state = await migrated(directory, found, options, async (changes, after, format) => {
      await database.batch(written(changes, after, format), { sync: true });
    });
    return storeOn(directory, database, state, options.format);
  } catch (error) {
    await database.close().catch(() => {});
    throw error instanceof MusterError ? error : levelError(directory, error);
  }
}

async function readAll(directory: string, database: Database) {
  const seals = new Map<string, Uint8Array>();
  const values = new Map<string, Uint8Array>();
  let head: ReturnType<typeof headOf>;
  for await (const [name, bytes] of database.iterator()) {
    if (name === HEAD_KEY) {
      head = headOf(bytes);
      if (head === undefined) throw damaged(directory, 'its head cannot be read');
      continue;
    }
    const key = name.slice(VALUE.length);
    const opened = name.startsWith(VALUE) ? unsealed(key, bytes) : undefined;
    if (opened === undefined) throw damaged(directory, `what is stored as ${key} is not what was put there`);
    seals.set(key, opened.seal);
    values.set(key, opened.value);
  }
  const state = stateOf(seals);
  const total = Buffer.from(state.total).toString('hex');
  if (head === undefined && seals.size > 0) throw damaged(directory, 'its head is gone');
  if (head !== undefined && head.total !== total) throw damaged(directory, 'changes are missing from it');
  return { state, values, format: head?.format };
}

function written(changes: readonly StoreChange[], after: StoreState, format: number) {
  return [
    ...changes.map((change) => {
      const key = `${VALUE}${change.key}`;
      if (change.kind === 'delete') return { type: 'del' as const, key };
      const seal = after.seals.get(change.key);
      // Undefined: deleted again by a later change of the same batch.
      return {
        type: 'put' as const,
        key,
        value: seal === undefined ? change.value : sealed(seal, change.value),
      };
    }),
    { type: 'put' as const, key: HEAD_KEY, value: writtenHead(format, after.total) },
  ];
}

function storeOn(directory: string, database: Database, first: StoreState, format: number): LevelStore {
  const log = new ChangeLog();
  // A snapshot is held as long as somebody may read from the view of it.
  const snapshots = new FinalizationRegistry<Snapshot>((snapshot) => {
    snapshot.close().catch(() => {});
  });
  const standing = (state: StoreState): Standing => {
    const made = { state, snapshot: database.snapshot() };
    snapshots.register(made, made.snapshot);
    return made;
  };
  let current = standing(first);
  // What was written lately: every step of an operation reads what the one before has stored.
  const recent = new ValueCache();
  const keepRecent = (changes: readonly StoreChange[], { seals }: StoreState): void => {
    for (const change of changes) {
      const seal = seals.get(change.key);
      if (change.kind === 'put' && seal !== undefined) recent.keep(hexOf(seal), change.value);
    }
  };
  let queue: Wish[] = [];
  let writing: Promise<void> | undefined;

  const view = (at: Standing, reads?: Reads): StoreView => ({
    keys: (prefix) => {
      reads?.prefixes.add(prefix);
      return at.state.keys.filter((key) => key.startsWith(prefix));
    },
    get: async (key) => {
      reads?.keys.add(key);
      const seal = at.state.seals.get(key);
      if (seal === undefined) return undefined;
      const known = recent.get(hexOf(seal));
      if (known !== undefined) return known;
      const bytes = await database
        .get(`${VALUE}${key}`, { snapshot: at.snapshot })
        .catch((error: unknown) => {
          throw levelError(directory, error);
        });
      const opened = bytes === undefined ? undefined : unsealed(key, bytes);
      if (opened === undefined)
        throw damaged(directory, `what is stored as ${key} is not what was put there`);
      return opened.value;
    },
  });

  /** Everything that waits goes to disk in one batch; who has decided on what has changed meanwhile decides again. */
  const write = async (): Promise<void> => {
    while (queue.length > 0) {
      const wishes = queue;
      queue = [];
      const before = current.state;
      let { version } = before;
      const accepted: Wish[] = [];
      const changes: StoreChange[] = [];
      for (const wish of wishes) {
        if (log.hasChanged(wish.reads, wish.base)) {
          wish.settle('again');
          continue;
        }
        version += 1;
        log.note(version, wish.changes);
        accepted.push(wish);
        changes.push(...wish.changes);
      }
      if (accepted.length === 0) continue;
      // All at once: every change of the state is a copy of it.
      const state = changedState(before, changes, version);
      try {
        await database.batch(written(lastOfEach(changes), state, format), { sync: true });
        current = standing(state);
        keepRecent(lastOfEach(changes), state);
        for (const wish of accepted) wish.settle('made');
      } catch (error) {
        // Whether it is on disk is not known: nothing more is done until the store is opened again, which tells.
        const failed = levelError(directory, error);
        for (const wish of [...accepted, ...queue]) wish.settle(failed);
        queue = [];
        await database.close().catch(() => {});
      }
    }
  };
  const put = (wish: Omit<Wish, 'settle'>): Promise<'made' | 'again'> =>
    new Promise((resolve, reject) => {
      const settle = (outcome: 'made' | 'again' | Error) => {
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      queue.push({ ...wish, settle });
      writing ??= write().finally(() => {
        writing = undefined;
      });
    });

  return {
    view: async () => view(current),
    update: async (decide) => {
      for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
        const base = current;
        const reads: Reads = { keys: new Set(), prefixes: new Set() };
        const { changes, answer } = await decide(view(base, reads));
        if (changes.length === 0) return answer;
        if ((await put({ base: base.state.version, reads, changes })) === 'made') return answer;
      }
      throw new MusterError('CONFLICT', `${directory} is changed by others all the time`, {
        hint: 'try again',
      });
    },
    close: async () => {
      await writing;
      await database.close();
    },
  };
}

function hexOf(seal: Uint8Array): string {
  return Buffer.from(seal.buffer, seal.byteOffset, seal.byteLength).toString('hex');
}

/** Of several changes of one key the last counts. */
function lastOfEach(changes: readonly StoreChange[]): readonly StoreChange[] {
  return [...new Map(changes.map((change) => [change.key, change])).values()];
}
