import type { Finding } from '../../protocol/measurement.ts';
import { PAGE_BYTES } from './elf-text.ts';
import type { Shown } from './measure-text.ts';
import type { MemoryMapping } from './memory-map.ts';
import type { ProcessMemory } from './process-memory.ts';
import { equalBytes } from './process-memory.ts';

/** What executable memory without a file a runtime may have. */
export interface CodeRules {
  /** `v8`: its builtins, copied, and code that it compiles; `none` for native programs (and for `node --jitless`). */
  readonly runtimeCode: 'none' | 'v8';
  /** Bound on code that is made at run time and therefore not hashed: memory that is in use, not what is set aside for it. */
  readonly maxRuntimeCodeBytes: number;
}

interface RuntimeCode {
  readonly findings: readonly Finding[];
  readonly equalCopies: number;
  readonly unhashed: { readonly mappings: number; readonly bytes: number };
}

/** V8 reserves one range for code, of at most this size. */
const CODE_RANGE_BYTES = 512 << 20;
/** Enough to find V8's builtins by. */
const NEEDLE_BYTES = 256;
const SEARCH_BYTES = 4 << 20;

/** Where in a program's file the builtins were found, by program. */
const builtinsAt = new Map<string, number>();

/**
 * V8 copies its embedded builtins close to the code it compiles: as a second mapping of the file where it can read its own
 * file, otherwise as anonymous memory. What equals a part of the program's text is such a copy; other read-only code has no place.
 * What is writable was made at run time and cannot be hashed: it is counted here, and bounded by `excessOfRuntimeCode`.
 */
export function sortRuntimeCode(
  memory: ProcessMemory,
  anonymous: readonly MemoryMapping[],
  program: string,
  text: readonly Shown[],
): RuntimeCode {
  const rest = anonymous.filter(
    (mapping) => mapping.writable || !isCopyOfText(memory, mapping, program, text),
  );
  const altered = rest.filter((each) => !each.writable);
  return {
    findings: altered.map(({ sizeBytes }) => ({
      kind: 'foreign-code',
      sentence: `${sizeBytes / 1024} kB of anonymous memory are executable, read-only, and no copy of the program's text`,
    })),
    equalCopies: anonymous.length - rest.length,
    unhashed: { mappings: rest.length, bytes: rest.reduce((sum, each) => sum + each.residentBytes, 0) },
  };
}

/**
 * Compares anonymous executable memory with what is allowed; the copy of the builtins (under 2 MB) counts too. Node 24 sets its
 * whole range aside from the start, so that only memory in use is counted.
 */
export function excessOfRuntimeCode(
  anonymous: readonly MemoryMapping[],
  rules: CodeRules,
): readonly Finding[] {
  const none = rules.runtimeCode === 'none';
  const bytes = anonymous.reduce((sum, each) => sum + (none ? each.sizeBytes : each.residentBytes), 0);
  const allowed = none ? 0 : rules.maxRuntimeCodeBytes;
  if (bytes > allowed) {
    const sentence = `${bytes / 1024} kB of anonymous memory are executable, ${allowed / 1024} kB are allowed`;
    return [{ kind: 'foreign-code', sentence }];
  }
  const lowest = Math.min(...anonymous.map((each) => each.start));
  const highest = Math.max(...anonymous.map((each) => each.start + each.sizeBytes));
  if (highest - lowest > CODE_RANGE_BYTES)
    return [{ kind: 'foreign-code', sentence: 'executable memory lies outside of the range for code' }];
  return [];
}

function isCopyOfText(
  memory: ProcessMemory,
  mapping: MemoryMapping,
  program: string,
  text: readonly Shown[],
): boolean {
  const known = builtinsAt.get(program);
  if (known !== undefined && equalsText(memory, mapping, text, known)) return true;
  try {
    const needle = Buffer.alloc(NEEDLE_BYTES);
    memory.read(mapping.start, needle);
    for (const candidate of occurrences(memory, text, needle)) {
      if (!equalsText(memory, mapping, text, candidate)) continue;
      builtinsAt.set(program, candidate);
      return true;
    }
  } catch {
    // Unmapped meanwhile: V8 has given these pages back.
  }
  return false;
}

/** Equal, but for zeros that fill the last page. */
function equalsText(
  memory: ProcessMemory,
  mapping: MemoryMapping,
  text: readonly Shown[],
  fileOffset: number,
): boolean {
  const part = text.find(
    (each) => fileOffset >= each.fileOffset && fileOffset < each.fileOffset + each.sizeBytes,
  );
  if (part === undefined) return false;
  const skip = fileOffset - part.fileOffset;
  const count = Math.min(mapping.sizeBytes, part.sizeBytes - skip);
  const equal = equalBytes(memory, mapping.start, part.start + skip, count);
  if (equal === mapping.sizeBytes) return true;
  if (mapping.sizeBytes - equal > PAGE_BYTES) return false;
  const tail = Buffer.alloc(mapping.sizeBytes - equal);
  memory.read(mapping.start + equal, tail);
  return tail.every((byte) => byte === 0);
}

function* occurrences(memory: ProcessMemory, text: readonly Shown[], needle: Buffer): Generator<number> {
  const buffer = Buffer.allocUnsafe(SEARCH_BYTES + NEEDLE_BYTES);
  for (const part of text) {
    for (let at = 0; at < part.sizeBytes; at += SEARCH_BYTES) {
      const window = buffer.subarray(0, Math.min(buffer.length, part.sizeBytes - at));
      memory.read(part.start + at, window);
      for (let hit = window.indexOf(needle); hit >= 0 && hit < SEARCH_BYTES; ) {
        yield part.fileOffset + at + hit;
        hit = window.indexOf(needle, hit + 1);
      }
    }
  }
}
