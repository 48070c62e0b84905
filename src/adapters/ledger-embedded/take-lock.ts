import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';

/** Locks of the dead that are taken over within one another at most: each stands for a process that ended within an instant. */
const DEEPEST = 4;

/**
 * Takes a lock: a file that says who holds it. That of a holder who has ended is taken over, by one process alone however many try at once.
 * Answers how to give it up; a text: who has it, or undefined when nobody can tell.
 */
export async function takeLock(
  path: string,
  mine: string,
  lives: (holder: string) => boolean,
  depth = 0,
): Promise<{ readonly release: () => Promise<void> } | { readonly heldBy: string | undefined }> {
  const ready = `${path}.${slug(mine)}.new`;
  // Whole before it is there under its name: nobody reads half of it.
  await writeFile(ready, mine, { mode: 0o600 });
  const taken = { release: () => rm(path, { force: true }) };
  try {
    for (;;) {
      if (await linked(ready, path)) return taken;
      const holder = await readFile(path, 'utf8').catch(() => undefined);
      // Given up just now.
      if (holder === undefined) continue;
      if (holder !== '' && lives(holder)) return { heldBy: holder };
      if (depth >= DEEPEST) return { heldBy: undefined };
      // Between the look and the change nobody else may change it: who takes over is one at a time, too.
      const turn = await takeLock(`${path}.after-${slug(holder)}`, mine, lives, depth + 1);
      if (!('release' in turn)) return turn;
      try {
        if ((await readFile(path, 'utf8').catch(() => undefined)) !== holder) continue;
        await rename(ready, path);
        return taken;
      } finally {
        await turn.release();
      }
    }
  } finally {
    await rm(ready, { force: true });
  }
}

/** False: there is a file of that name. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function slug(holder: string): string {
  return holder.replaceAll(/[^\w]/g, '-').slice(0, 40) || 'nobody';
}
