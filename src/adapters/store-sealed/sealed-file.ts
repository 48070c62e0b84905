import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import { hasCode } from '../evidence-guard/has-code.ts';

/*
 * One file: magic and version of the format (8 bytes), which key (8), generation (8), nonce (12), then AES-256-GCM of the text with its tag
 * (16). All before the text is authenticated with it.
 */
const MAGIC = Buffer.from('MSTSEAL\u0001', 'latin1');
const KEY_NAME = 8;
const GENERATION = 8;
const NONCE = 12;
const TAG = 16;
const HEADER = MAGIC.length + KEY_NAME + GENERATION + NONCE;

export interface SealedFileOptions {
  readonly file: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Longest text, bytes: more is neither written nor read. */
  readonly maxBytes: number;
}

export interface SealedText {
  /** Counts the writes: a copy of an older file that was put back has a lower one, which nothing in the file itself can tell. */
  readonly generation: number;
  readonly text: string;
}

/** Undefined: there is no such file. Throws MusterError BAD_FILE for another key, another version, and every changed byte. */
export async function readSealed({
  file,
  key,
  maxBytes,
}: SealedFileOptions): Promise<SealedText | undefined> {
  let bytes: Buffer;
  try {
    if ((await stat(file)).size > HEADER + maxBytes + TAG) throw refused(file, 'it is too long');
    bytes = await readFile(file);
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined;
    if (cause instanceof MusterError) throw cause;
    throw refused(file, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (bytes.length < HEADER + TAG) throw refused(file, 'it is damaged: too short');
  if (!bytes.subarray(0, MAGIC.length - 1).equals(MAGIC.subarray(0, -1)))
    throw refused(file, 'it is no sealed store');
  if (bytes[MAGIC.length - 1] !== MAGIC[MAGIC.length - 1])
    throw refused(file, `it is of version ${bytes[MAGIC.length - 1]}, and this program reads 1`);
  const keyName = bytes.subarray(MAGIC.length, MAGIC.length + KEY_NAME);
  if (!timingSafeEqual(keyName, nameOf(key))) throw refused(file, 'it was sealed with another key');
  const header = bytes.subarray(0, HEADER);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, header.subarray(HEADER - NONCE));
    decipher.setAAD(header);
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG));
    const text = Buffer.concat([decipher.update(bytes.subarray(HEADER, -TAG)), decipher.final()]);
    const generation = Number(header.readBigUInt64BE(MAGIC.length + KEY_NAME));
    return { generation, text: text.toString('utf8') };
  } catch (cause) {
    throw refused(file, 'it is damaged: what it holds is not what was written', cause);
  }
}

/** Whole or not at all, and on the disk when this resolves. Throws MusterError CANNOT_WRITE, and RangeError for a text that is too long. */
export async function writeSealed(
  options: SealedFileOptions,
  { generation, text }: SealedText,
): Promise<void> {
  const { file, key, maxBytes } = options;
  const plain = Buffer.from(text, 'utf8');
  if (plain.length > maxBytes)
    throw new RangeError(`${plain.length} bytes are more than a store of ${maxBytes} takes`);
  const count = Buffer.alloc(GENERATION);
  count.writeBigUInt64BE(BigInt(generation));
  const header = Buffer.concat([MAGIC, nameOf(key), count, randomBytes(NONCE)]);
  const cipher = createCipheriv('aes-256-gcm', key, header.subarray(HEADER - NONCE));
  cipher.setAAD(header);
  const sealed = Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const part = `${file}.${process.pid}.part`;
  try {
    const handle = await open(part, 'w', 0o600);
    try {
      await handle.writeFile(sealed);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
    const directory = await open(dirname(file), 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (cause) {
    await unlink(part).catch(() => {});
    throw new MusterError(
      'CANNOT_WRITE',
      `cannot write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'make room there; what it held before is still whole',
        cause,
      },
    );
  }
}

/** Tells keys apart without telling anything of them. */
function nameOf(key: Uint8Array): Buffer {
  return createHmac('sha256', key).update('muster sealed store').digest().subarray(0, KEY_NAME);
}

function refused(file: string, why: string, cause?: unknown): MusterError {
  return new MusterError('BAD_FILE', `cannot read ${file}: ${why}`, {
    hint: 'the key that it was written with, or a copy that is whole',
    cause,
  });
}
