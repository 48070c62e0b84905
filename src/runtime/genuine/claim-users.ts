import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startOfProcess } from '../../adapters/machine-linux/start-of-process.ts';
import { MusterError } from '../../protocol/errors.ts';

/** Users that agents may have; see `SpawnOrder.uid`. */
const FIRST = 61_000;
const LAST = 64_999;
/** One place for the whole machine, whatever TMPDIR says; only root can write there. */
const CLAIMS = '/run/muster/users';
const CLAIM = /^(\d+)\+(\d+) (\d+) (\d+)$/;

/** Users that no other pipeline of this machine gives to its agents as long as the claim is held. */
export interface UserClaim {
  readonly first: number;
  release(): void;
}

/**
 * Claims `count` users in a row: an agent could trace those of another pipeline that run as the same user. Whoever claims writes the
 * claim down first, and looks at those of others after: of two that overlap at least one sees the other, and goes elsewhere. A claim
 * ends with the process that made it, whether it says so or not; users as whom somebody still runs are passed over even then.
 * @throws RangeError when not so many are free; MusterError when claims cannot be kept where nobody else may write.
 */
export function claimUsers(count: number, directory = CLAIMS): UserClaim {
  prepare(directory);
  const places = Math.floor((LAST - FIRST + 1) / count);
  const inUse = usersThatRun();
  // From a place of its own, so that two that start at once seldom meet.
  for (let tried = 0; tried < places; tried++) {
    const first = FIRST + ((process.pid + tried) % places) * count;
    if (overlaps(inUse, first, count)) continue;
    const name = `${first}+${count} ${process.pid} ${startOfProcess(process.pid)}`;
    const path = join(directory, name);
    if (!writeDown(path)) continue;
    if (!claimedBesides(directory, name, first, count))
      return { first, release: () => rmSync(path, { force: true }) };
    rmSync(path, { force: true });
  }
  throw new RangeError(`no ${count} users between ${FIRST} and ${LAST} are free`);
}

function prepare(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(directory);
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new Error('somebody else may write there');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError('INTERNAL', `users of agents cannot be claimed in ${directory}: ${why}`, {
      hint: `rm -r ${directory}, or run without root`,
      cause,
    });
  }
}

/** False: this very process has claimed the same already. */
function writeDown(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes what processes that have ended have left, on the way. */
function claimedBesides(directory: string, own: string, first: number, count: number): boolean {
  return readdirSync(directory).some((name) => {
    const [, theirs, many, pid, start] = CLAIM.exec(name) ?? [];
    if (name === own || pid === undefined) return false;
    if (startOfProcess(Number(pid)) !== start) {
      rmSync(join(directory, name), { force: true });
      return false;
    }
    return first < Number(theirs) + Number(many) && Number(theirs) < first + count;
  });
}

function usersThatRun(): ReadonlySet<number> {
  const users = new Set<number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      users.add(statSync(`/proc/${name}`).uid);
    } catch {
      // It has ended.
    }
  }
  return users;
}

function overlaps(users: ReadonlySet<number>, first: number, count: number): boolean {
  return [...users].some((uid) => uid >= first && uid < first + count);
}
