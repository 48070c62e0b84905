import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import { hasCode } from './has-code.ts';

/**
 * Puts a native program where only the guard can write, under the name of its digest, and answers its path: what was checked is
 * then what runs. Its agent may run but not read it (mode 0511), so that the kernel keeps others of the same user out of the
 * process. Throws MusterError when the directory belongs to somebody else, or others may write to it.
 */
export function installProgram(bytes: Uint8Array, directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  const { uid, mode } = statSync(directory);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new MusterError('BAD_FILE', `${directory} can be written to by others`, {
      hint: 'a directory of the guard itself, with mode 0711',
    });
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const path = join(directory, sha256);
  if (holds(path, sha256)) return path;
  // Whole or not at all: another start may be installing the same.
  const half = `${path}.${process.pid}`;
  writeFileSync(half, bytes, { mode: 0o700 });
  chmodSync(half, 0o511);
  renameSync(half, path);
  return path;
}

function holds(path: string, sha256: string): boolean {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex') === sha256;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
