import { readFileSync } from 'node:fs';
import type { ProcessRecord } from './unit-record.ts';

/** State and start of a process; undefined: there is none of that number. */
function statOf(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields are counted after the name, which may hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, start] = [fields[0], fields[19]];
    return state === undefined || start === undefined ? undefined : { state, start };
  } catch {
    return undefined;
  }
}

/** A number and when its owner started: names one process until the next boot. */
export function identify(pid: number): ProcessRecord | undefined {
  const stat = statOf(pid);
  return stat === undefined ? undefined : { pid, start: stat.start };
}

/** Whether this very process still runs; one that has ended and nobody has asked after does not. */
export function isAlive({ pid, start }: ProcessRecord): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.start === start && stat.state !== 'Z' && stat.state !== 'X';
}

/** Of these processes the one that is the first of a process namespace just below ours. */
export function firstOfNamespace(pids: readonly number[]): number | undefined {
  return pids.find((pid) => {
    try {
      return /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  });
}
