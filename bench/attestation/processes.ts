import { existsSync, readFileSync } from 'node:fs';

/** Processes that this one has started, and those that they have started, whose command line contains the text. */
export function descendants(containing: string): readonly number[] {
  const found: number[] = [];
  const visit = (pid: number): void => {
    for (const child of childrenOf(pid)) {
      if (commandOf(child).includes(containing)) found.push(child);
      visit(child);
    }
  };
  visit(process.pid);
  return found;
}

function childrenOf(pid: number): readonly number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(path)) return [];
  try {
    return readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** A signal to a process that may have ended by now. */
export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended: that is as well.
  }
}
