import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Small enough that a guard which hashes 30 MB still answers in between (5 ms). */
const CHUNK_BYTES = 4 << 20;

/** The memory of another process, read and never written. */
export interface ProcessMemory {
  /** Fills the buffer; throws EIO where nothing is mapped. */
  read(address: number, into: Buffer): void;
  close(): void;
}

/** A file or a memory, by offset. */
export type ByteSource = (at: number, into: Buffer) => void;

/** Needs to be root, or of the same user while the process is dumpable. Throws ENOENT when it has gone. */
export function openMemory(pid: number): ProcessMemory {
  const file = openSync(`/proc/${pid}/mem`, 'r');
  return {
    read: (address, into) => readExactly(file, address, into),
    close: () => closeSync(file),
  };
}

function readExactly(file: number, at: number, into: Buffer): void {
  for (let done = 0; done < into.length; ) {
    const count = readSync(file, into, done, into.length - done, at + done);
    if (count === 0) throw new Error(`nothing to read at 0x${(at + done).toString(16)}`);
    done += count;
  }
}

/** sha256 of ranges that follow one another, in hexadecimal. */
export async function hashRanges(
  source: ByteSource,
  ranges: readonly { readonly start: number; readonly sizeBytes: number }[],
): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (const { start, sizeBytes } of ranges) {
    for (let done = 0; done < sizeBytes; done += CHUNK_BYTES) {
      const part = buffer.subarray(0, Math.min(CHUNK_BYTES, sizeBytes - done));
      source(start + done, part);
      hash.update(part);
      if (part.length === CHUNK_BYTES) await nextTurn();
    }
  }
  return hash.digest('hex');
}

/** How many bytes are the same from the start of both ranges on. */
export function equalBytes(memory: ProcessMemory, a: number, b: number, sizeBytes: number): number {
  const left = Buffer.allocUnsafe(Math.min(sizeBytes, CHUNK_BYTES));
  const right = Buffer.allocUnsafe(left.length);
  for (let done = 0; done < sizeBytes; done += CHUNK_BYTES) {
    const count = Math.min(CHUNK_BYTES, sizeBytes - done);
    const [one, other] = [left.subarray(0, count), right.subarray(0, count)];
    memory.read(a + done, one);
    memory.read(b + done, other);
    if (one.equals(other)) continue;
    return done + one.findIndex((byte, index) => byte !== other[index]);
  }
  return sizeBytes;
}
