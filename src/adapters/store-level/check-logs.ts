import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

// LevelDB's log format (its doc/log_format.md): blocks of 32 KiB, in them records of crc32c (masked), length, type and data. When a record
// does not fit its checksum LevelDB leaves out the rest of the block, and says nothing: changes that were acknowledged would be gone.
const BLOCK = 32_768;
const HEADER = 7;

/** Files that an earlier life of the store has not merged yet, with what is wrong in the middle of one; undefined: nothing. */
export async function damageInLogs(directory: string): Promise<string | undefined> {
  const files = await readdir(directory).catch(() => []);
  for (const file of files.filter((each) => each.endsWith('.log'))) {
    const at = brokenRecord(await readFile(join(directory, file)));
    if (at !== undefined) return `${file} is not what was written there, from byte ${at} on`;
  }
  return undefined;
}

/**
 * Where the first broken record begins behind which another change stands. Each change is synced before the next is written, so only the
 * last one can have been cut short, by a kill or a loss of power that left whatever it liked of it; that one was never acknowledged.
 */
export function brokenRecord(log: Uint8Array): number | undefined {
  for (let at = 0; at + HEADER <= log.length; ) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEADER) {
      at += left;
      continue;
    }
    const record = recordAt(log, at);
    if (record === undefined) return beginsChangeAfter(log, at + 1) ? at : undefined;
    at = record.end;
  }
  return undefined;
}

// Types of records: a change in one piece, and the first piece of one; what begins neither belongs to the change before.
const FULL = 1;
const FIRST = 2;

function beginsChangeAfter(log: Uint8Array, from: number): boolean {
  for (let at = from; at + HEADER <= log.length; at++) {
    const type = log[at + 6];
    if ((type === FULL || type === FIRST) && recordAt(log, at) !== undefined) return true;
  }
  return false;
}

/** The record that begins there; undefined: what stands there is none, or not what was written. */
function recordAt(log: Uint8Array, at: number): { readonly end: number } | undefined {
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  const end = at + HEADER + view.getUint16(at + 4, true);
  if (end > log.length || end - at > BLOCK - (at % BLOCK)) return undefined;
  return masked(crc32c(log.subarray(at + 6, end))) === view.getUint32(at, true) ? { end } : undefined;
}

const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
