import { createHash } from 'node:crypto';
import type { z } from 'zod';
import {
  BACKUP_FORMAT,
  type BackupHeader,
  damagedBackup,
  EndLineSchema,
  HeaderSchema,
  laterBackup,
  MAGIC,
  MAX_LINE_BYTES,
  notABackup,
  type PartName,
  ValueLineSchema,
} from './backup-format.ts';
import { ByteReader } from './byte-reader.ts';

export interface BackupReader {
  begun(header: BackupHeader): Promise<void>;
  value(part: PartName, key: string, value: Uint8Array): Promise<void>;
}

/** What a backup holds, once all of it has been read and was what its checksum says. */
export interface ReadBackup {
  readonly header: BackupHeader;
  readonly sha256: string;
}

/**
 * Reads a backup from beginning to end. What it tells on the way is only to be kept when this resolves: the checksum comes last.
 * @throws BAD_FILE for what is none or is damaged, NOT_SUPPORTED for one of a later version.
 */
export async function readBackup(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  told: BackupReader,
): Promise<ReadBackup> {
  const reader = new ByteReader(pieces);
  const hash = createHash('sha256');
  const lineOf = async (): Promise<Uint8Array> => {
    const line = await reader.line(MAX_LINE_BYTES);
    if (line === undefined) throw damagedBackup(name, 'it ends in the middle, or is not what was written');
    return line;
  };
  const hashed = (line: Uint8Array): Uint8Array => {
    hash.update(line).update('\n');
    return line;
  };
  const first = await reader.line(MAX_LINE_BYTES);
  const format = first === undefined ? undefined : formatOf(new TextDecoder().decode(first));
  if (first === undefined || format === undefined) throw notABackup(name);
  if (format > BACKUP_FORMAT)
    throw laterBackup(name, `it is written in format ${format}, and this version knows ${BACKUP_FORMAT}`);
  hashed(first);
  const header = parsed(hashed(await lineOf()), HeaderSchema);
  if (header === undefined) throw damagedBackup(name, 'what it says of itself cannot be read');
  await told.begun(header);
  const left = new Map(header.parts.map((part) => [part.name, part.values]));
  for (;;) {
    const line = await lineOf();
    const end = parsed(line, EndLineSchema)?.end;
    if (end !== undefined) {
      const sha256 = hash.digest('hex');
      if (end.sha256 !== sha256) throw damagedBackup(name, 'it does not fit its checksum');
      if ([...left.values()].some((count) => count !== 0))
        throw damagedBackup(name, 'values are missing from it');
      if (!(await reader.ended())) throw damagedBackup(name, 'something stands behind its end');
      return { header, sha256 };
    }
    const wanted = parsed(hashed(line), ValueLineSchema);
    if (wanted === undefined) throw damagedBackup(name, 'a value in it cannot be read');
    const value = await reader.bytes(wanted.bytes);
    const rest = await reader.bytes(1);
    if (value === undefined || rest?.[0] !== 0x0a) throw damagedBackup(name, `${wanted.key} is not whole`);
    hash.update(value).update(rest);
    const count = left.get(wanted.part);
    if (count === undefined || count === 0)
      throw damagedBackup(name, 'there are more values in it than it says');
    left.set(wanted.part, count - 1);
    await told.value(wanted.part, wanted.key, value);
  }
}

function formatOf(line: string): number | undefined {
  const found = new RegExp(`^${MAGIC} (\\d{1,6})$`).exec(line)?.[1];
  return found === undefined ? undefined : Number(found);
}

function parsed<T>(line: Uint8Array, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(new TextDecoder('utf8', { fatal: true }).decode(line))).data;
  } catch {
    return undefined;
  }
}
