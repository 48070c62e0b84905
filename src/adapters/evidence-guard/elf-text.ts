import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export const PAGE_BYTES = 4096;
const PT_LOAD = 1;
const PF_X = 1;

/** A range of a file that its ELF headers call executable, in whole pages. */
export interface TextRange {
  readonly offset: number;
  readonly sizeBytes: number;
}

const known = new Map<string, { readonly identity: string; readonly ranges: readonly TextRange[] }>();

/**
 * Executable PT_LOAD ranges of a 64-bit little-endian ELF file, by offset; pages that two of them share are counted once. Throws
 * for a file that is none. Remembered until the file changes.
 */
export function executableRanges(path: string): readonly TextRange[] {
  const file = openSync(path, 'r');
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = fstatSync(file);
    const identity = `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`;
    const before = known.get(path);
    if (before?.identity === identity) return before.ranges;
    const ranges = readRanges(file, path);
    known.set(path, { identity, ranges });
    return ranges;
  } finally {
    closeSync(file);
  }
}

function readRanges(file: number, path: string): readonly TextRange[] {
  const header = Buffer.alloc(64);
  readSync(file, header, 0, 64, 0);
  const elf64 = header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
  if (!elf64) throw new Error(`${path} is no 64-bit ELF file`);
  const size = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  const table = Buffer.alloc(size * count);
  readSync(file, table, 0, table.length, Number(header.readBigUInt64LE(32)));
  const ranges: TextRange[] = [];
  for (let at = 0; at + 56 <= table.length; at += size) {
    if (table.readUInt32LE(at) !== PT_LOAD || (table.readUInt32LE(at + 4) & PF_X) === 0) continue;
    const offset = Number(table.readBigUInt64LE(at + 8));
    const end = offset + Number(table.readBigUInt64LE(at + 32));
    const from = Math.floor(offset / PAGE_BYTES) * PAGE_BYTES;
    ranges.push({ offset: from, sizeBytes: Math.ceil(end / PAGE_BYTES) * PAGE_BYTES - from });
  }
  return merged(ranges);
}

function merged(ranges: readonly TextRange[]): readonly TextRange[] {
  const out: TextRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.offset - b.offset)) {
    const last = out.at(-1);
    if (last !== undefined && range.offset < last.offset + last.sizeBytes) {
      const end = Math.max(last.offset + last.sizeBytes, range.offset + range.sizeBytes);
      out[out.length - 1] = { offset: last.offset, sizeBytes: end - last.offset };
    } else out.push(range);
  }
  return out;
}
