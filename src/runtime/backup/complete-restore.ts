import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { MusterError } from '../../protocol/errors.ts';
import { PARTS } from './backup-format.ts';

/** In `MUSTER_HOME` while a restore puts stores in their places: what has been read is whole and checked by then. */
const MARK = 'restore.json';

const MarkSchema = z.strictObject({
  /** Directories in `MUSTER_HOME`: where the restored stores are, and where those that were there go. */
  from: z.string().regex(/^restoring-[0-9a-f]{16}$/),
  aside: z.string().regex(/^before-restore-[0-9TZ-]{1,40}$/),
});
export type RestoreMark = z.infer<typeof MarkSchema>;

/** From now on the restore is brought to its end by whoever opens a store here, should this process not come to it. */
export function markRestore(home: string, mark: RestoreMark): void {
  const part = join(home, `${MARK}.part`);
  writeFileSync(part, `${JSON.stringify(mark)}\n`, { mode: 0o600, flush: true });
  renameSync(part, join(home, MARK));
  syncDirectory(home);
}

/** Puts stores in their places that a restore had made and checked before it was cut off; does nothing where none was. */
export function completeRestore(home: string): void {
  const path = join(home, MARK);
  if (!existsSync(path)) return;
  let mark: RestoreMark;
  try {
    mark = MarkSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new MusterError('STORE_DAMAGED', `${path} cannot be read`, {
      hint: `restore the backup again: muster restore FILE --force`,
      cause,
    });
  }
  const [from, aside] = [join(home, mark.from), join(home, mark.aside)];
  for (const name of PARTS) {
    const [fresh, here, old] = [join(from, name), join(home, name), join(aside, name)];
    // One that is no longer there is in its place already.
    if (!existsSync(fresh)) continue;
    if (existsSync(here)) {
      mkdirSync(aside, { recursive: true, mode: 0o700 });
      renameSync(here, old);
    }
    renameSync(fresh, here);
  }
  if (existsSync(aside)) syncDirectory(aside);
  syncDirectory(home);
  rmSync(path, { force: true });
  rmSync(from, { recursive: true, force: true });
  syncDirectory(home);
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
