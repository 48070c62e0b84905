import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { sortSegments } from '../../core/attestation/reference.ts';
import type { TextSegment } from '../../protocol/measurement.ts';
import { executableRanges } from './elf-text.ts';
import { executableMappings } from './memory-map.ts';
import { hashRanges } from './process-memory.ts';

/** Files whose segments are remembered. */
const MOST_FILES = 64;

interface Known {
  /** What changes with the file. */
  readonly stamp: string;
  readonly segments: Promise<readonly TextSegment[]>;
}

/** The agents of a guard share their program and libraries: a file is read again when it has been touched since. */
const known = new Map<string, Known>();

/**
 * The segments that a clean process of a program will be measured to have, from the files on disk. `libraries`: those that it
 * loads, as `mappedLibraries` tells them of a sample start. Throws for files that are no ELF files or cannot be read.
 */
export async function expectedSegments(
  executable: string,
  libraries: readonly string[],
): Promise<readonly TextSegment[]> {
  const segments = (await segmentsOfFile(realpathSync(executable))).map((each) => ({ ...each, file: 'exe' }));
  for (const library of libraries) segments.push(...(await segmentsOfFile(library)));
  return sortSegments(segments);
}

/** Files other than its program that a process has mapped executable. */
export function mappedLibraries(pid: number, executable: string): readonly string[] {
  const program = realpathSync(executable);
  const files = executableMappings(pid).flatMap(({ name }) => (name.startsWith('/') ? [name] : []));
  return [...new Set(files)].filter((file) => file !== program).sort();
}

async function segmentsOfFile(path: string): Promise<readonly TextSegment[]> {
  const descriptor = openSync(path, 'r');
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = fstatSync(descriptor, { bigint: true });
    const stamp = [dev, ino, size, mtimeNs, ctimeNs].join();
    const before = known.get(path);
    if (before?.stamp === stamp) return await before.segments;
    if (known.size >= MOST_FILES) known.clear();
    const segments = hashFile(path, descriptor);
    known.set(path, { stamp, segments });
    segments.catch(() => known.delete(path));
    return await segments;
  } finally {
    closeSync(descriptor);
  }
}

async function hashFile(path: string, descriptor: number): Promise<readonly TextSegment[]> {
  const segments: TextSegment[] = [];
  for (const { offset, sizeBytes } of executableRanges(path)) {
    const sha256 = await hashRanges(
      (at, into) => {
        const count = readSync(descriptor, into, 0, into.length, at);
        // Past its end, the last page of a mapped file is zero.
        into.fill(0, count);
      },
      [{ start: offset, sizeBytes }],
    );
    segments.push({ file: path, offset, sizeBytes, sha256 });
  }
  return segments;
}
