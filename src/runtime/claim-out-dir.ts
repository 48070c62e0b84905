import { linkSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MusterError } from '../protocol/errors.ts';
import { cannotWrite } from './cannot-write.ts';
import { makeDirectories } from './make-directories.ts';
import { processIdentity } from './process-identity.ts';
import { BESIDE_FILES, PROOF_FILES, RUN_FILES } from './run-files.ts';

const LOCK = 'muster.lock';

/**
 * Makes this process the only one that records into a directory, before anything starts: it is made if it is not there, and
 * written into for a try. The lock of a process that has ended is taken over. Answers how to give the directory up; what was
 * made for nothing is removed then.
 * @throws CANNOT_WRITE when nothing can be written there; USAGE when it holds something else than a run, or another process records there.
 */
export function claimOutDir(dir: string): () => void {
  const made = makeDirectories(dir);
  const unmake = () => {
    for (const each of made.toReversed()) {
      try {
        rmdirSync(each);
      } catch {
        // It holds something by now.
        return;
      }
    }
  };
  const lock = join(dir, LOCK);
  try {
    refuseForeign(dir);
    takeLock(dir, lock);
  } catch (cause) {
    unmake();
    throw cause;
  }
  return () => {
    rmSync(lock, { force: true });
    unmake();
  };
}

/** Refuses a directory that holds something else than a run. */
function refuseForeign(dir: string): void {
  let files: readonly string[];
  try {
    files = readdirSync(dir);
  } catch (cause) {
    throw cannotWrite(dir, cause);
  }
  const known: readonly string[] = [RUN_FILES, PROOF_FILES, BESIDE_FILES].flatMap(Object.values<string>);
  const ours = (file: string) => file.startsWith(LOCK) || known.includes(file.replace(/\.part$/, ''));
  if (files.includes(RUN_FILES.report) || files.every(ours)) return;
  throw new MusterError('USAGE', `${dir} is not empty and holds no run: it is left alone`, {
    hint: 'name another directory with --out',
  });
}

function takeLock(dir: string, lock: string): void {
  for (let attempt = 0; attempt < 4; attempt++) {
    try {
      writeFileSync(lock, processIdentity(process.pid) ?? '', { flag: 'wx' });
      return;
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) {
        // What a full disk has left of it is not a lock.
        if (readOr(lock, '-') === '') rmSync(lock, { force: true });
        throw cannotWrite(dir, cause);
      }
      refuseHeld(dir, readOr(lock, ''));
      takeAway(dir, lock);
    }
  }
  throw new MusterError('USAGE', `${dir} is wanted by several runs at once`, {
    hint: 'name another directory with --out',
  });
}

/** Removes a lock whose holder has ended. Another process may have done so just now, and have put its own there: that one goes back. */
function takeAway(dir: string, lock: string): void {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  try {
    refuseHeld(dir, readOr(aside, ''));
  } catch (held) {
    linkSync(aside, lock);
    throw held;
  } finally {
    rmSync(aside, { force: true });
  }
}

function refuseHeld(dir: string, holder: string): void {
  const pid = Number(holder.split(' ')[0]);
  if (holder === '' || processIdentity(pid) !== holder) return;
  throw new MusterError('USAGE', `process ${pid} is recording a run into ${dir}`, {
    hint: 'wait until it has ended, or name another directory with --out',
  });
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
