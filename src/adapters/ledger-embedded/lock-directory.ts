import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import { startOfProcess } from '../machine-linux/start-of-process.ts';
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
  const start = startOfProcess(pid);
  if (start !== undefined) return `${pid} ${start}`;
  // Where there is no /proc the pid alone has to do.
  return process.platform !== 'linux' && alive(pid) ? `${pid} ?` : 'none';
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return Number.isInteger(pid) && pid > 0;
  } catch {
    return false;
  }
}
