import { createHash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { segmentsText, sortSegments } from '../../core/attestation/reference.ts';
import type { Finding, TextSegment } from '../../protocol/measurement.ts';
import type { TextRange } from './elf-text.ts';
import { executableRanges } from './elf-text.ts';
import type { MemoryMapping } from './memory-map.ts';
import { executableMappings } from './memory-map.ts';
import type { ProcessMemory } from './process-memory.ts';
import { equalBytes, hashRanges, openMemory } from './process-memory.ts';
import { sortRuntimeCode } from './runtime-code.ts';
import { foreignCode, sortMappings } from './sort-mappings.ts';

export interface TextMeasurement {
  readonly findings: readonly Finding[];
  readonly segments: readonly TextSegment[];
  readonly equalCopies: number;
  readonly unhashedCode: { readonly mappings: number; readonly bytes: number };
  /** Empty when the kernel maps none. */
  readonly vdsoSha256: string;
}

/** A place in memory that shows a part of a file. */
export interface Shown {
  readonly fileOffset: number;
  readonly start: number;
  readonly sizeBytes: number;
}

/** Reads and hashes everything executable in a process, in an order that does not depend on where it was mapped. */
export async function measureText(pid: number): Promise<TextMeasurement> {
  const program = readlinkSync(`/proc/${pid}/exe`);
  const sorted = sortMappings(executableMappings(pid));
  // What is foreign at first sight, the light probe tells.
  const findings: Finding[] = [];
  const segments: TextSegment[] = [];
  let equalCopies = 0;
  let programText: readonly Shown[] = [];
  const memory = openMemory(pid);
  try {
    for (const [path, mappings] of sorted.files) {
      const file = path === program ? 'exe' : path;
      const ranges = rangesOf(path);
      const strays = mappings.filter((mapping) => !ranges.some((range) => within(mapping, range)));
      findings.push(...strays.map(foreignCode));
      for (const range of ranges) {
        const shown = mappings.filter((mapping) => within(mapping, range)).map(asShown);
        const cover = coverOf(range, shown);
        if (cover === undefined) {
          findings.push({
            kind: 'text-changed',
            sentence: `${path}: not all of its text at ${range.offset} is mapped executable`,
          });
          continue;
        }
        for (const part of cover) {
          for (const each of shown) {
            const differs = firstDifference(memory, part, each);
            if (differs === undefined) continue;
            findings.push({
              kind: 'text-changed',
              sentence: `${path}: two mappings of its text differ at ${differs}`,
            });
          }
        }
        equalCopies += shown.length - cover.length;
        const sha256 = await hashRanges(memory.read, cover);
        segments.push({ file, offset: range.offset, sizeBytes: range.sizeBytes, sha256 });
        if (file === 'exe') programText = [...programText, ...cover];
      }
    }
    const code = sortRuntimeCode(memory, sorted.anonymous, program, programText);
    const vdsoSha256 = sorted.vdso === undefined ? '' : await hashRanges(memory.read, [sorted.vdso]);
    return {
      findings: [...findings, ...code.findings],
      segments: sortSegments(segments),
      equalCopies: equalCopies + code.equalCopies,
      unhashedCode: code.unhashed,
      vdsoSha256,
    };
  } finally {
    memory.close();
  }
}

/** Digest of segments as `measureProcess` gives it, in hexadecimal. */
export function digestOfSegments(segments: readonly TextSegment[]): string {
  return createHash('sha256').update(segmentsText(segments)).digest('hex');
}

/** None for what is no ELF file, or cannot be read: every mapping of it is then foreign. */
function rangesOf(path: string): readonly TextRange[] {
  try {
    return executableRanges(path);
  } catch {
    return [];
  }
}

function within(mapping: MemoryMapping, range: TextRange): boolean {
  return (
    mapping.offset >= range.offset && mapping.offset + mapping.sizeBytes <= range.offset + range.sizeBytes
  );
}

function asShown({ offset, start, sizeBytes }: MemoryMapping): Shown {
  return { fileOffset: offset, start, sizeBytes };
}

/** Mappings that together show a range once, in its order; the largest first where several begin at one place. */
function coverOf(range: TextRange, shown: readonly Shown[]): readonly Shown[] | undefined {
  const cover: Shown[] = [];
  const end = range.offset + range.sizeBytes;
  for (let at = range.offset; at < end; ) {
    const here = shown
      .filter(({ fileOffset, sizeBytes }) => fileOffset <= at && fileOffset + sizeBytes > at)
      .sort((a, b) => b.fileOffset + b.sizeBytes - (a.fileOffset + a.sizeBytes) || a.start - b.start)[0];
    if (here === undefined) return undefined;
    const skip = at - here.fileOffset;
    const part = { fileOffset: at, start: here.start + skip, sizeBytes: here.sizeBytes - skip };
    cover.push(part);
    at += part.sizeBytes;
  }
  return cover;
}

/** File offset at which two places that show the same part of a file differ. */
function firstDifference(memory: ProcessMemory, a: Shown, b: Shown): number | undefined {
  const from = Math.max(a.fileOffset, b.fileOffset);
  const sizeBytes = Math.min(a.fileOffset + a.sizeBytes, b.fileOffset + b.sizeBytes) - from;
  const [left, right] = [a.start + from - a.fileOffset, b.start + from - b.fileOffset];
  if (sizeBytes <= 0 || left === right) return undefined;
  const equal = equalBytes(memory, left, right, sizeBytes);
  return equal === sizeBytes ? undefined : from + equal;
}
