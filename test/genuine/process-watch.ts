import { existsSync, readFileSync } from 'node:fs';

/** Every process that this one starts from now on, directly or not. */
export class ProcessWatch {
  /** Helpers of this very process, e.g. of its bundler: they stay as long as it does. */
  readonly #before = new Set(descendants());
  /** When each was started, in ticks since boot: with its pid that names one process for ever. */
  readonly #seen = new Map<number, string>();

  /** Takes note of all that there are now. */
  look(): void {
    for (const pid of descendants()) {
      if (this.#before.has(pid)) continue;
      const startTime = startTimeOf(pid);
      if (startTime !== undefined) this.#seen.set(pid, startTime);
    }
  }

  /** Those seen that still run. */
  left(): readonly number[] {
    return [...this.#seen].filter(([pid, at]) => startTimeOf(pid) === at).map(([pid]) => pid);
  }

  /** Those of them that have lost whoever had started them. */
  orphans(): readonly number[] {
    const mine = new Set(descendants());
    // One that has ended since is none.
    return this.left().filter((pid) => !mine.has(pid) && startTimeOf(pid) === this.#seen.get(pid));
  }
}

function descendants(): readonly number[] {
  const found: number[] = [];
  const visit = (pid: number): void => {
    for (const child of childrenOf(pid)) {
      found.push(child);
      visit(child);
    }
  };
  visit(process.pid);
  return found;
}

function childrenOf(pid: number): readonly number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  try {
    return existsSync(path) ? readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number) : [];
  } catch {
    return [];
  }
}

/** Undefined: there is none, or it waits to be reaped. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields are counted after the name, which may hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
