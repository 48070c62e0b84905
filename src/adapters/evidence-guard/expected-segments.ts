import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { sortSegments } from '../../core/attestation/reference.ts';
import type { TextSegment } from '../../protocol/measurement.ts';
import { executableRanges } from './elf-text.ts';
import { executableMappings } from './memory-map.ts';
import { hashRanges } from './process-memory.ts';

/**
 * The segments that a clean process of a program will be measured to have, from the files on disk. `libraries`: those that it
 * loads, as `mappedLibraries` tells them of a sample start. Throws for files that are no ELF files or cannot be read.
 */
export async function expectedSegments(
  executable: string,
  libraries: readonly string[],
): Promise<readonly TextSegment[]> {
  const segments = await segmentsOfFile(realpathSync(executable), 'exe');
  for (const library of libraries) segments.push(...(await segmentsOfFile(library, library)));
  return sortSegments(segments);
}

/** Files other than its program that a process has mapped executable. */
export function mappedLibraries(pid: number, executable: string): readonly string[] {
  const program = realpathSync(executable);
  const files = executableMappings(pid).flatMap(({ name }) => (name.startsWith('/') ? [name] : []));
  return [...new Set(files)].filter((file) => file !== program).sort();
}

async function segmentsOfFile(path: string, file: string): Promise<TextSegment[]> {
  const descriptor = openSync(path, 'r');
  try {
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
      segments.push({ file, offset, sizeBytes, sha256 });
    }
    return segments;
  } finally {
    closeSync(descriptor);
  }
}
