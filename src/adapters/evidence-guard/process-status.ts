import { readFileSync } from 'node:fs';

/** What /proc/PID/status and stat say of a process. */
export interface ProcessStatus {
  /** Process that traces it; 0: none. */
  readonly tracerPid: number;
  readonly threads: number;
  readonly noNewPrivileges: boolean;
  /** Real, effective, saved and file system user. */
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  /** Whether it holds any capability now, or could hand one on. */
  readonly capable: boolean;
  /** Clock ticks since boot at which it started: with its number, it names the process. */
  readonly startTime: number;
  /** Ended, but not yet collected by its parent. */
  readonly dead: boolean;
}

/** Throws ENOENT or ESRCH when there is no such process. */
export function processStatus(pid: number): ProcessStatus {
  const fields = new Map(
    readFileSync(`/proc/${pid}/status`, 'utf8')
      .split('\n')
      .map((line) => {
        const at = line.indexOf(':');
        return [line.slice(0, at), line.slice(at + 1).trim()] as const;
      }),
  );
  const text = (name: string) => fields.get(name) ?? '';
  const numbers = (name: string) => (text(name) === '' ? [] : text(name).split(/\s+/).map(Number));
  return {
    tracerPid: Number(text('TracerPid')),
    threads: Number(text('Threads')),
    noNewPrivileges: text('NoNewPrivs') === '1',
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    capable: ['CapEff', 'CapPrm', 'CapInh', 'CapAmb'].some((name) => /[^0]/.test(text(name))),
    startTime: startTimeOf(pid),
    dead: /^[ZX]/.test(text('State')),
  };
}

/** Clock ticks since boot (field 22 of /proc/PID/stat). Throws when there is no such process. */
export function startTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in brackets, and may contain anything.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}
