import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import { takeLock } from './take-lock.ts';

/**
 * Makes this process the only one that uses a directory; answers how to give it up. A lock whose holder has ended is taken over.
 * @throws LEDGER_FAILED when another process has it.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const lives = (held: string) => holder(Number(held.split(' ')[0])) === held;
  const taken = await takeLock(join(directory, 'lock'), holder(process.pid), lives).catch(
    (cause: unknown) => {
      throw new MusterError('LEDGER_FAILED', `${directory} cannot be locked`, {
        hint: 'is it writable?',
        cause,
      });
    },
  );
  if ('release' in taken) return taken.release;
  const by = taken.heldBy === undefined ? 'another process' : `process ${taken.heldBy.split(' ')[0]}`;
  throw new MusterError('LEDGER_FAILED', `${by} already runs the ledger of ${directory}`, {
    hint: 'use its URL, or stop it first',
  });
}

/** A pid with the time at which the process started, in ticks since boot: together they name one process for ever. */
function holder(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields are counted after the name, which may hold spaces and brackets.
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    // No such process, or no /proc: then the pid alone has to do.
    return alive(pid) ? `${pid} ?` : 'none';
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return Number.isInteger(pid) && pid > 0;
  } catch {
    return false;
  }
}
