import { randomBytes } from 'node:crypto';
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { MusterError } from '../../protocol/errors.ts';

const KEY_BYTES = 32;

/**
 * The key of a sealed store from its file: 64 hexadecimal digits, readable by its owner alone. With `make`, one that is missing is drawn.
 * Throws MusterError BAD_FILE, which never quotes the file.
 */
export function readStoreKey(file: string, make: boolean): Uint8Array {
  if (make) {
    try {
      const text = `${randomBytes(KEY_BYTES).toString('hex')}\n`;
      writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    } catch (cause) {
      if (!isThere(cause)) throw unusable(file, 'it cannot be made', cause);
    }
  }
  let text: string;
  try {
    const { mode, uid, size } = lstatSync(file);
    if ((mode & 0o170000) !== 0o100000) throw new Error('it is no file');
    if ((mode & 0o077) !== 0) throw new Error('others may read it');
    if (process.getuid?.() !== 0 && uid !== process.getuid?.()) throw new Error("it is somebody else's");
    if (size > 200) throw new Error('it is too long');
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw unusable(file, cause instanceof Error ? cause.message : String(cause), cause);
  }
  return keyOf(text, file);
}

/** The same from a text, e.g. of an environment variable; `where` says where it stood. Throws MusterError BAD_FILE. */
export function keyOf(text: string, where: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(text)) throw unusable(where, 'it does not hold 64 hexadecimal digits');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function unusable(where: string, why: string, cause?: unknown): MusterError {
  return new MusterError('BAD_FILE', `cannot use the key of the store in ${where}: ${why}`, {
    hint: '64 hexadecimal digits in a file with mode 0600',
    cause,
  });
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
