import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { mappingsOf } from './tamper.ts';

const PIECE = 1 << 22;

/**
 * Changes the last letter of string objects in the heap of V8 of a live process, wherever a heap object has exactly that text: after
 * its map and hash, the length in 4 bytes, then the letters, padded with zeros. Answers how many there were.
 */
export function overwriteStrings(
  pid: number,
  texts: readonly string[],
  change: (letter: number) => number,
): number {
  const memory = openSync(`/proc/${pid}/mem`, 'r+');
  let written = 0;
  try {
    for (const { start, end, rights, name } of mappingsOf(pid)) {
      if (!rights.startsWith('rw') || name !== '') continue;
      for (let from = start; from < end; from += PIECE) {
        const piece = read(memory, from, Math.min(PIECE + 64, end - from));
        for (const text of texts) {
          const pattern = objectOf(text);
          for (let at = piece.indexOf(pattern); at >= 0; at = piece.indexOf(pattern, at + 1)) {
            if (at >= PIECE) break;
            const letter = from + at + 4 + text.length - 1;
            const last = piece[at + 4 + text.length - 1] ?? 0;
            writeSync(memory, Buffer.from([change(last)]), 0, 1, letter);
            written++;
          }
        }
      }
    }
  } finally {
    closeSync(memory);
  }
  return written;
}

function objectOf(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  // Map 8, hash 4, length 4: letters begin at 16, and the object ends on a multiple of 8.
  const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8);
  padded.write(text, 'latin1');
  return Buffer.concat([length, padded]);
}

/** What can be read of it: a mapping may be gone. */
function read(memory: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  try {
    return bytes.subarray(0, readSync(memory, bytes, 0, length, from));
  } catch {
    return Buffer.alloc(0);
  }
}
