import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import type { LedgerRecord } from './journal-record.ts';
import { frameRecord, readRecord } from './journal-record.ts';

/** What was thrown away at the end of a journal: a write that never came to its end. */
export interface Cut {
  readonly bytes: number;
  /** Lines, whole or begun. */
  readonly records: number;
}

/** The node's journal. One writer: an `append` is awaited before the next. */
export interface LedgerJournal {
  /** As they were on opening. */
  readonly records: readonly LedgerRecord[];
  readonly cut: Cut | undefined;
  /**
   * Resolves once the record is on disk.
   * @throws LEDGER_FAILED when it cannot be written; then nothing of it stays and the next may be tried.
   */
  append(record: LedgerRecord): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens or creates a journal. A damaged end is cut off; since each record is on disk before the next is written, only the last
 * can be a torn one, and whatever is damaged before a good record is no accident of ours.
 * @throws LEDGER_DAMAGED when a record is damaged and good ones follow; LEDGER_FAILED when the file cannot be opened.
 */
export async function openLedgerJournal(path: string): Promise<LedgerJournal> {
  const file = await openDurably(path);
  try {
    const content = await file.readFile();
    const { records, end, cut } = readAll(content, path);
    if (cut !== undefined) {
      await file.truncate(end);
      await file.sync();
    }
    return writer(file, path, records, end, cut);
  } catch (error) {
    await file.close();
    throw error;
  }
}

function writer(
  file: FileHandle,
  path: string,
  records: readonly LedgerRecord[],
  length: number,
  cut: Cut | undefined,
): LedgerJournal {
  let end = length;
  let position = records.length;
  return {
    records,
    cut,
    async append(record) {
      const line = Buffer.from(frameRecord(position, record));
      try {
        await writeAt(file, line, end);
        await file.datasync();
      } catch (cause) {
        await file.truncate(end).catch(() => undefined);
        throw new MusterError('LEDGER_FAILED', `${path} cannot be written: ${reason(cause)}`, {
          hint: 'make room on its disk; the node goes on by itself',
          cause,
        });
      }
      end += line.length;
      position++;
    },
    close: () => file.close(),
  };
}

/** A short write is no error of the system call: the next one says why. */
async function writeAt(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

function readAll(
  content: Buffer,
  path: string,
): { records: LedgerRecord[]; end: number; cut: Cut | undefined } {
  const records: LedgerRecord[] = [];
  let end = 0;
  while (end < content.length) {
    const feed = content.indexOf(0x0a, end);
    const found = feed < 0 ? undefined : readRecord(content.toString('utf8', end, feed));
    if (found === undefined) return { records, end, cut: cutAt(content, end, path) };
    if (found.position !== records.length) {
      throw damaged(path, `record ${found.position} stands where ${records.length} should (byte ${end})`);
    }
    records.push(found.record);
    end = feed + 1;
  }
  return { records, end, cut: undefined };
}

/** Where a record may begin; also within a line, since a line feed can be what is damaged. */
const BEGINNING = /[0-9a-f]{8} \[\d+,/g;

function cutAt(content: Buffer, end: number, path: string): Cut {
  const tail = content.toString('utf8', end);
  for (const { index } of tail.matchAll(BEGINNING)) {
    const feed = tail.indexOf('\n', index);
    if (feed > 0 && readRecord(tail.slice(index, feed)) !== undefined) {
      throw damaged(path, `it is damaged at byte ${end}, and good records follow`);
    }
  }
  const records = tail.split('\n').filter((line) => line !== '').length;
  return { bytes: content.length - end, records };
}

/** The journal says what cannot have been: nothing is built on it. */
export function damaged(path: string, why: string): MusterError {
  return new MusterError('LEDGER_DAMAGED', `the ledger's journal ${path} cannot be trusted: ${why}`, {
    hint: 'restore it from a copy; without one, start another ledger in an empty directory and enrol everybody again',
  });
}

async function openDurably(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r+').catch((error: unknown) => {
      if (code(error) === 'ENOENT') return open(path, 'wx+', 0o600);
      throw error;
    });
    // The name, too, must survive a power failure.
    const directory = await open(dirname(path), 'r');
    await directory.sync().finally(() => directory.close());
    return file;
  } catch (cause) {
    throw new MusterError('LEDGER_FAILED', `${path} cannot be opened: ${reason(cause)}`, { cause });
  }
}

function code(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
