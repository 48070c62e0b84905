import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The command line as `make setup` has built it, as a file; undefined: it was not built, or something that went in has changed since,
 * so that its sources have to be run.
 */
export function builtCommand(root) {
  const dir = join(root, 'build/command');
  try {
    const { main, inputs } = JSON.parse(readFileSync(join(dir, 'made-of.json'), 'utf8'));
    return inputs.every((input) => isSame(root, input)) ? join(dir, main) : undefined;
  } catch {
    return undefined;
  }
}

/** Of a file that was copied or checked out again, its bytes decide; nobody can set the time at which an inode changed. */
function isSame(root, { file, ctimeMs, size, sha256 }) {
  const path = join(root, file);
  const now = statSync(path);
  if (now.size !== size) return false;
  return now.ctimeMs === ctimeMs || createHash('sha256').update(readFileSync(path)).digest('hex') === sha256;
}

// For `scripts/setup`: is it to be built?
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = builtCommand(fileURLToPath(new URL('..', import.meta.url))) === undefined ? 1 : 0;
}
