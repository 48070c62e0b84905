import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDirectoryStore } from '../../adapters/store-directory/directory-store.ts';
import { openLevelStore } from '../../adapters/store-level/level-store.ts';
import type { Store, StoreChange } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import { makeDirectories } from '../make-directories.ts';
import { openServiceStore, SERVICE_FORMAT } from '../services/open-service-store.ts';
import { type BackupHeader, laterBackup, PARTS, type PartName } from './backup-format.ts';
import { completeRestore, markRestore } from './complete-restore.ts';
import { type ReadBackup, readBackup } from './read-backup.ts';

export interface RestoreOptions {
  readonly home: string;
  /** What messages call the backup. */
  readonly name: string;
  /** Puts it in the place of what is there, which is kept beside it. */
  readonly force: boolean;
  /** ms since 1970. */
  readonly nowMs: number;
}

export interface Restored extends ReadBackup {
  /** Where the stores are that were there; undefined: there were none. */
  readonly aside: string | undefined;
}

/** Formats that this version knows of each part. */
const FORMATS: Readonly<Record<PartName, number>> = { services: SERVICE_FORMAT, packages: 1, tokens: 1 };
/** What is written at once. */
const MOST_CHANGES = 500;
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Restores a backup: its stores are made beside those that are there, and put in their places once all of it has been read and was what
 * its checksum says. A restore that is cut off leaves either what was there or what was restored.
 * @throws BAD_FILE, NOT_SUPPORTED, CONFLICT when there is something already or another process has it, CANNOT_WRITE.
 */
export async function restoreBackup(
  pieces: AsyncIterable<Uint8Array>,
  options: RestoreOptions,
): Promise<Restored> {
  const { home, name, force, nowMs } = options;
  makeDirectories(home);
  completeRestore(home);
  const there = PARTS.filter((part) => isFilled(join(home, part)));
  if (there.length > 0 && !force) {
    throw new MusterError('CONFLICT', `there are ${there.join(', ')} in ${home} already`, {
      hint: 'with --force the backup takes their place, and they are kept beside it',
    });
  }
  await checkUnused(home);
  const from = `restoring-${randomBytes(8).toString('hex')}`;
  const directory = join(home, from);
  mkdirSync(directory, { mode: 0o700 });
  let read: ReadBackup;
  try {
    read = await readInto(directory, name, pieces);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  const aside = `before-restore-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  markRestore(home, { from, aside });
  completeRestore(home);
  return { ...read, aside: there.length > 0 ? join(home, aside) : undefined };
}

/** Reads a backup to its end, without restoring it. @throws as `restoreBackup`. */
export function checkBackup(name: string, pieces: AsyncIterable<Uint8Array>): Promise<ReadBackup> {
  return readBackup(name, pieces, {
    begun: async (header) => checkFormats(name, header),
    value: async () => {},
  });
}

async function readInto(
  directory: string,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<ReadBackup> {
  const open = new Map<PartName, { readonly store: Store; close(): Promise<void> }>();
  let waiting: StoreChange[] = [];
  let bytes = 0;
  let into: PartName | undefined;
  const flush = async (): Promise<void> => {
    const changes = waiting;
    waiting = [];
    bytes = 0;
    if (into === undefined || changes.length === 0) return;
    await open.get(into)?.store.update(async () => ({ changes, answer: undefined }));
  };
  try {
    const read = await readBackup(name, pieces, {
      begun: async (header) => {
        checkFormats(name, header);
        for (const { name: part, format } of header.parts)
          open.set(part, await openPart(directory, part, format));
      },
      value: async (part, key, value) => {
        if (part !== into) await flush();
        into = part;
        waiting.push({ kind: 'put', key, value });
        bytes += value.length;
        if (waiting.length >= MOST_CHANGES || bytes >= MOST_BYTES) await flush();
      },
    });
    await flush();
    return read;
  } finally {
    for (const { close } of open.values()) await close();
  }
}

async function openPart(directory: string, part: PartName, format: number) {
  if (part === 'services') {
    const store = await openLevelStore(join(directory, part), { format });
    return { store, close: () => store.close() };
  }
  return { store: await openDirectoryStore(join(directory, part)), close: async () => {} };
}

function checkFormats(name: string, { parts }: BackupHeader): void {
  for (const { name: part, format } of parts) {
    if (format > FORMATS[part])
      throw laterBackup(name, `its ${part} have format ${format}, and this version knows ${FORMATS[part]}`);
  }
}

/** A store that is damaged, or of a later version, may be replaced; one that another process has open may not. */
async function checkUnused(home: string): Promise<void> {
  if (!isFilled(join(home, 'services'))) return;
  try {
    await (await openServiceStore(home)).close();
  } catch (error) {
    if (error instanceof MusterError && error.code === 'CONFLICT') throw error;
  }
}

function isFilled(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).length > 0;
}
