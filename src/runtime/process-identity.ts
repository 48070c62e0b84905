import { startOfProcess } from '../adapters/machine-linux/start-of-process.ts';

/** A pid with the time at which its process started, in ticks since boot: together they name one process for ever. Undefined: there is none. */
export function processIdentity(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const start = startOfProcess(pid);
  if (start !== undefined) return `${pid} ${start}`;
  return process.platform !== 'linux' && isAlive(pid) ? `${pid} ?` : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
