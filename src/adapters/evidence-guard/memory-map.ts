import { readFileSync } from 'node:fs';

/** One mapping of /proc/PID/smaps. Addresses below 2^47 are exact as numbers. */
export interface MemoryMapping {
  readonly start: number;
  readonly sizeBytes: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  readonly shared: boolean;
  /** Offset in the file, bytes. */
  readonly offset: number;
  readonly inode: number;
  /** Path, `[name]` of a special mapping, or empty when anonymous. */
  readonly name: string;
  /** Of it in memory or swapped out. */
  readonly residentBytes: number;
  /**
   * Of it the process's own and no longer the file's, in memory or swapped out: pages that were written to. They stay so when their
   * bytes are put back. (Private_Dirty says less: it counts pages of a file that was installed a moment ago and is not on its disk
   * yet.)
   */
  readonly writtenBytes: number;
}

const LINE =
  /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([ps]) ([0-9a-f]+) [0-9a-f]+:[0-9a-f]+ ([0-9]+) *(.*)$/;

const COUNTER = /^(Rss|Swap|Anonymous): +([0-9]+) kB$/;

/** Everything executable in a process. Throws ENOENT or ESRCH when it has gone. */
export function executableMappings(pid: number): readonly MemoryMapping[] {
  const mappings: MemoryMapping[] = [];
  let current: MemoryMapping | undefined;
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const first = line.charCodeAt(0);
    // Counters begin with a capital, mappings with a hexadecimal digit.
    if (first >= 65 && first <= 90) {
      if (current === undefined) continue;
      const [, name, kb] = COUNTER.exec(line) ?? [];
      if (name !== undefined) current = counted(current, name, Number(kb) * 1024);
      continue;
    }
    if (current !== undefined) mappings.push(current);
    const mapping = parseMapping(line);
    current = mapping?.executable === true ? mapping : undefined;
  }
  return mappings;
}

function counted(mapping: MemoryMapping, name: string, bytes: number): MemoryMapping {
  return {
    ...mapping,
    residentBytes: mapping.residentBytes + (name === 'Anonymous' ? 0 : bytes),
    writtenBytes: mapping.writtenBytes + (name === 'Rss' ? 0 : bytes),
  };
}

function parseMapping(line: string): MemoryMapping | undefined {
  const [, start, end, r, w, x, share, offset, inode, name] = LINE.exec(line) ?? [];
  if (start === undefined || end === undefined || offset === undefined) return undefined;
  const from = Number.parseInt(start, 16);
  return {
    start: from,
    sizeBytes: Number.parseInt(end, 16) - from,
    readable: r === 'r',
    writable: w === 'w',
    executable: x === 'x',
    shared: share === 's',
    offset: Number.parseInt(offset, 16),
    inode: Number(inode),
    name: name ?? '',
    residentBytes: 0,
    writtenBytes: 0,
  };
}
