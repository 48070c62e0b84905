import type { Finding } from '../../protocol/measurement.ts';
import type { MemoryMapping } from './memory-map.ts';

/** Where the legacy vsyscall page is in every process; nobody can read or map it. */
const VSYSCALL = 0xffffffffff600000;

/** Executable mappings by what stands behind them. */
export interface SortedMappings {
  readonly files: ReadonlyMap<string, readonly MemoryMapping[]>;
  readonly anonymous: readonly MemoryMapping[];
  readonly vdso: MemoryMapping | undefined;
  /** Deleted files, memfds, shared memory, stacks, heaps, and files mapped writable too. */
  readonly foreign: readonly MemoryMapping[];
}

export function sortMappings(mappings: readonly MemoryMapping[]): SortedMappings {
  const files = new Map<string, MemoryMapping[]>();
  const anonymous: MemoryMapping[] = [];
  const foreignOnes: MemoryMapping[] = [];
  let vdso: MemoryMapping | undefined;
  for (const mapping of mappings) {
    if (mapping.start === VSYSCALL) continue;
    if (mapping.name === '[vdso]') vdso = mapping;
    else if (isPlainFile(mapping)) files.set(mapping.name, [...(files.get(mapping.name) ?? []), mapping]);
    else if (mapping.inode === 0 && !mapping.shared && /^(|\[anon:.*\])$/.test(mapping.name))
      anonymous.push(mapping);
    else foreignOnes.push(mapping);
  }
  return { files, anonymous, vdso, foreign: foreignOnes };
}

function isPlainFile({ name, inode, shared, writable, readable }: MemoryMapping): boolean {
  return (
    name.startsWith('/') && inode !== 0 && !name.endsWith(' (deleted)') && !shared && !writable && readable
  );
}

export function foreignCode({ name, sizeBytes, writable }: MemoryMapping): Finding {
  const what = name === '' ? 'anonymous memory' : name;
  const how = writable ? 'executable and writable' : 'executable';
  return {
    kind: 'foreign-code',
    sentence: `${sizeBytes / 1024} kB of ${what} are ${how}, and nothing expects that`,
  };
}
