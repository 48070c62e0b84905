import { z } from 'zod';
import { MusterError } from '../../protocol/errors.ts';

// A backup is text and bytes: a line that says what it is, a line of JSON that says of what, for each value a line of JSON with its part,
// key and length, its bytes and a line's end, and at the end a line with the sha256 of all before it.

/** What a backup begins with; the number is that of the way in which it is written. */
export const MAGIC = 'muster-backup';
export const BACKUP_FORMAT = 1;

/** What is backed up, in the order in which it is written. */
export const PARTS = ['services', 'packages', 'tokens'] as const;
export type PartName = (typeof PARTS)[number];

/** Longest line, and largest value. */
export const MAX_LINE_BYTES = 65_536;
export const MAX_VALUE_BYTES = 512 * 1024 * 1024;

export const HeaderSchema = z.strictObject({
  /** ms since 1970. */
  madeAtMs: z.int().nonnegative(),
  /** Of the Muster that made it. */
  version: z.string().max(100),
  parts: z
    .array(
      z.strictObject({
        name: z.enum(PARTS),
        /** Of what is kept in that store. */
        format: z.int().positive(),
        values: z.int().nonnegative(),
      }),
    )
    .max(PARTS.length),
});
export type BackupHeader = z.infer<typeof HeaderSchema>;

export const ValueLineSchema = z.strictObject({
  part: z.enum(PARTS),
  key: z.string().min(1).max(2000),
  bytes: z.int().nonnegative().max(MAX_VALUE_BYTES),
});

export const EndLineSchema = z.strictObject({
  end: z.strictObject({ values: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
});

export function notABackup(name: string): MusterError {
  return new MusterError('BAD_FILE', `${name} is no backup of Muster`, {
    hint: 'one is made by: muster backup FILE',
  });
}

export function damagedBackup(name: string, why: string): MusterError {
  return new MusterError('BAD_FILE', `the backup ${name} is damaged: ${why}`, {
    hint: 'take another copy of it, or an earlier backup; nothing has been changed here',
  });
}

export function laterBackup(name: string, what: string): MusterError {
  return new MusterError('NOT_SUPPORTED', `the backup ${name} is of a later version of Muster: ${what}`, {
    hint: 'restore it with the version that made it, or a later one; nothing has been changed here',
  });
}
