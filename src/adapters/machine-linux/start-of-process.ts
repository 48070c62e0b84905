import { readFileSync } from 'node:fs';

/**
 * When a process started, in clock ticks since boot: with its pid it names one process for ever. Undefined: there is none, or it has ended
 * and its parent has not asked how. Source: proc(5), fields 3 and 22 of /proc/PID/stat.
 */
export function startOfProcess(pid: number | string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields are counted after the name, which may hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
