import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store, StoreChange, StoreDecision, StoreView } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import { ValueCache } from '../store-cache/value-cache.ts';
import { type Decided, decideInTurn, type Wish } from './decide-in-turn.ts';
import { sha256Hex } from './sha256-hex.ts';
import { type Index, IndexSchema } from './store-index.ts';

/** How often a change is tried again when others change the store at the same time. */
const MAX_TRIES = 50;
/** What nobody refers to is removed after this time in ms: until then somebody may be about to refer to it. */
const GRACE_MS = 3_600_000;
/** How many changes an index remembers: nobody takes longer than that many changes of others to see whether his is there. */
const REMEMBERED = 256;
const INDEX = /^index-(\d{12})\.json$/;

/**
 * A store in a directory. Values lie under the sha256 of what they hold; an index names the value of each key. A change writes
 * its values, then the next index by its number: linking it there fails for all but one of those who try the same number, so
 * that there are no locks to be left behind, and whoever is killed leaves the index before his, whole. Changes that are wanted while
 * another is written go to disk together.
 */
export async function openDirectoryStore(directory: string): Promise<Store> {
  const values = join(directory, 'values');
  await mkdir(values, { recursive: true, mode: 0o700 });
  const readIndex = indexReader(directory);
  const cache = new ValueCache();
  let last: { readonly index: Index; readonly view: StoreView } | undefined;
  const read = async () => {
    const index = await readIndex();
    // One view of one index: it has all its keys in a map.
    if (last?.index !== index) last = { index, view: viewOf(directory, index, cache) };
    return last;
  };
  let queue: Wish[] = [];
  let isWorking = false;

  const work = async (): Promise<void> => {
    isWorking = true;
    while (queue.length > 0) {
      const wishes = queue;
      queue = [];
      try {
        const decided = await changeTogether(directory, read, wishes);
        wishes.forEach((wish, at) => {
          const outcome = decided[at];
          if (outcome !== undefined && 'answer' in outcome) wish.resolve(outcome.answer);
          else wish.reject(outcome?.error);
        });
      } catch (error) {
        for (const wish of wishes) wish.reject(error);
      }
    }
    // At once, so that a wish that comes from somebody who has just been answered finds nobody at work.
    isWorking = false;
  };
  return {
    view: async () => (await read()).view,
    update: <T>(decide: (view: StoreView) => Promise<StoreDecision<T>>) =>
      new Promise<T>((resolve, reject) => {
        let answer: T;
        queue.push({
          decide: async (view) => {
            const decision = await decide(view);
            answer = decision.answer;
            return decision;
          },
          // The last decision is the one that was made.
          resolve: () => resolve(answer),
          reject,
        });
        if (!isWorking) void work();
      }),
  };
}

/** Makes the changes of all, decided anew when another process has changed the store meanwhile. */
async function changeTogether(
  directory: string,
  read: () => Promise<{ readonly index: Index; readonly view: StoreView }>,
  wishes: readonly Wish[],
): Promise<readonly Decided[]> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const { index, view } = await read();
    const { decided, changes } = await decideInTurn(view, wishes);
    if (changes.length === 0) return decided;
    const next = await writeChanges(directory, index, changes);
    if (await commit(directory, next)) {
      await clean(directory, next);
      return decided;
    }
  }
  throw new MusterError('CONFLICT', `${directory} is changed by others all the time`, {
    hint: 'try again',
  });
}

/** Writes the values; answers the index that names them, which is nobody's until it is committed. */
async function writeChanges(
  directory: string,
  index: Index,
  changes: readonly StoreChange[],
): Promise<Index> {
  const values = join(directory, 'values');
  const keys = new Map(Object.entries(index.keys));
  const written = new Set<string>();
  for (const change of changes) {
    if (change.kind === 'delete') {
      keys.delete(change.key);
      continue;
    }
    const sha256 = sha256Hex(change.value);
    if (!written.has(sha256)) await writeValue(join(values, sha256), change.value);
    written.add(sha256);
    keys.set(change.key, { sha256, bytes: change.value.length });
  }
  await sync(values);
  const id = randomBytes(8).toString('hex');
  return {
    format: 1,
    number: index.number + 1,
    recent: [id, ...index.recent].slice(0, REMEMBERED),
    keys: Object.fromEntries([...keys].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function viewOf(directory: string, index: Index, cache: ValueCache): StoreView {
  const keys = new Map(Object.entries(index.keys));
  return {
    keys: (prefix) => [...keys.keys()].filter((key) => key.startsWith(prefix)),
    get: async (key) => {
      const entry = keys.get(key);
      if (entry === undefined) return undefined;
      const known = cache.get(entry.sha256);
      if (known !== undefined) return known;
      const bytes = await readFile(join(directory, 'values', entry.sha256)).catch(() => undefined);
      if (bytes !== undefined && sha256Hex(bytes) === entry.sha256) {
        cache.keep(entry.sha256, bytes);
        return bytes;
      }
      throw damaged(
        directory,
        `what is stored as ${key} is ${bytes === undefined ? 'gone' : 'not what was put there'}`,
      );
    },
  };
}

/** An index as it was read, and by what its file is known again. */
interface KnownIndex {
  readonly index: Index;
  readonly file: string;
}

/** Reads the last index, and remembers it as long as its file stays what it was. */
function indexReader(directory: string): () => Promise<Index> {
  let known: KnownIndex | undefined;
  return async () => {
    known = await lastIndex(directory, known);
    return known.index;
  };
}

const NO_INDEX: Index = { format: 1, number: 0, recent: [], keys: {} };

/** The last index. A reader whose index is removed under his hands finds a later one. */
async function lastIndex(directory: string, known?: KnownIndex): Promise<KnownIndex> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const last = (await numbers(directory)).at(-1);
    if (last === undefined) return { index: NO_INDEX, file: '' };
    const path = join(directory, fileOf(last));
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) continue;
    const file = [last, found.ino, found.size, found.mtimeMs, found.ctimeMs].join();
    if (known?.file === file) return known;
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    let index: Index;
    try {
      index = IndexSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw damaged(directory, `${fileOf(last)} cannot be read`, cause);
    }
    if (index.number !== last) throw damaged(directory, `${fileOf(last)} is that of another time`);
    return { index, file };
  }
  throw new MusterError('CONFLICT', `${directory} is changed by others all the time`, { hint: 'try again' });
}

/** Puts an index in its place; false: somebody else has taken its number. */
async function commit(directory: string, index: Index): Promise<boolean> {
  const part = join(directory, `part-${randomBytes(8).toString('hex')}`);
  const path = join(directory, fileOf(index.number));
  try {
    await writeDurably(part, new TextEncoder().encode(JSON.stringify(index)));
    try {
      await link(part, path);
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
      throw cause;
    }
    if ((await numbers(directory)).at(-1) !== index.number) {
      // Either somebody has built on this index already, or its number was free only because it had been cleaned away: then
      // it stands behind the last one, unseen.
      const { recent } = (await lastIndex(directory)).index;
      if (!recent.some((id) => id === index.recent[0])) {
        await rm(path, { force: true });
        return false;
      }
    }
    await sync(directory);
    return true;
  } finally {
    await rm(part, { force: true });
  }
}

/** Removes indices before the last, and values and parts that nobody has referred to for a while. Not being able to is no harm. */
async function clean(directory: string, index: Index): Promise<void> {
  const used = new Set(Object.values(index.keys).map(({ sha256 }) => sha256));
  const values = join(directory, 'values');
  try {
    for (const number of await numbers(directory)) {
      if (number < index.number) await rm(join(directory, fileOf(number)), { force: true });
    }
    const parts = (await readdir(directory)).filter((file) => file.startsWith('part-'));
    const unused = (await readdir(values)).filter((file) => !used.has(file));
    for (const path of [
      ...parts.map((file) => join(directory, file)),
      ...unused.map((file) => join(values, file)),
    ]) {
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > GRACE_MS) await rm(path, { force: true });
    }
  } catch {
    // The next change tries again.
  }
}

/** Written anew also when it is there: its age then says that it is in use. */
async function writeValue(path: string, value: Uint8Array): Promise<void> {
  const part = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeDurably(part, value);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sync(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function numbers(directory: string): Promise<readonly number[]> {
  const found = (await readdir(directory)).flatMap((file) => INDEX.exec(file)?.[1] ?? []);
  return found.map(Number).sort((a, b) => a - b);
}

function fileOf(number: number): string {
  return `index-${String(number).padStart(12, '0')}.json`;
}

function damaged(directory: string, why: string, cause?: unknown): MusterError {
  return new MusterError('STORE_DAMAGED', `the store ${directory} is damaged: ${why}`, {
    hint: 'onboard the package again, or put a backup of the directory back',
    cause,
  });
}
