import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';

/**
 * Makes this process the only one that uses a directory; answers how to give it up. A lock whose holder has ended is taken over.
 * @throws LEDGER_FAILED when another process has it.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  const mine = holder(process.pid);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(path, mine, { flag: 'wx', mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (cause) {
      const held = await readFile(path, 'utf8').catch(() => '');
      const pid = Number(held.split(' ')[0]);
      if (held !== '' && holder(pid) === held) {
        throw new MusterError('LEDGER_FAILED', `process ${pid} already runs the ledger of ${directory}`, {
          hint: 'use its URL, or stop it first',
          cause,
        });
      }
      await rm(path, { force: true });
    }
  }
  throw new MusterError('LEDGER_FAILED', `${directory} cannot be locked`, { hint: 'is it writable?' });
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
