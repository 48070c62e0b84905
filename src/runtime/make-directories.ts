import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { cannotWrite } from './cannot-write.ts';

/**
 * Makes a directory with the parents that it lacks, all with `mode`; answers those that were made, the outermost first. Level by level, since
 * `mkdir` with `recursive` never ends where a parent answers that there is no such entry, as in /proc.
 * @throws CANNOT_WRITE
 */
export function makeDirectories(dir: string, mode = 0o777): readonly string[] {
  const missing: string[] = [];
  let at = resolve(dir);
  for (let found = kindOf(at); found !== 'directory'; found = kindOf(at)) {
    if (found === 'other') throw cannotWrite(at, Object.assign(new Error(), { code: 'ENOTDIR' }));
    missing.unshift(at);
    if (dirname(at) === at) break;
    at = dirname(at);
  }
  const made: string[] = [];
  for (const each of missing) {
    try {
      mkdirSync(each, { mode });
      made.push(each);
    } catch (cause) {
      // Another process may have made it meanwhile.
      if (kindOf(each) !== 'directory') throw cannotWrite(each, cause);
    }
  }
  return made;
}

function kindOf(path: string): 'directory' | 'other' | 'missing' {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'other';
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'ENOENT') return 'missing';
    throw cannotWrite(path, cause);
  }
}
