import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import { makeDirectories } from '../make-directories.ts';

/** Where an operator's key is looked for when none is named, below the working directory. */
export const DEFAULT_KEY = '.muster/operator.key';

/** Makes an ed25519 key pair: the private key with mode 0600, the public one beside it (.pub). Never overwrites a key. */
export function makeOperatorKey(file: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  makeDirectories(dirname(file), 0o700);
  try {
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new MusterError('BAD_FILE', `cannot make the key ${file}: ${messageOf(cause)}`, {
      hint: 'another file: muster image key --out FILE',
      cause,
    });
  }
  writeFileSync(`${file}.pub`, publicKey.export({ type: 'spki', format: 'pem' }));
}

/** Throws MusterError BAD_FILE for a key that is missing, no ed25519 key, or readable by others. */
export function readOperatorKey(file: string): KeyObject {
  try {
    if ((statSync(file).mode & 0o077) !== 0) throw new Error('others may read it');
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is no ed25519 key');
    return key;
  } catch (cause) {
    throw new MusterError('BAD_FILE', `cannot use the key ${file}: ${messageOf(cause)}`, {
      hint: 'muster image key, or chmod 600',
      cause,
    });
  }
}

/** A public key from its PEM file, as images carry it: SPKI in base64. Throws MusterError BAD_FILE. */
export function publicKeyOf(file: string): string {
  try {
    return spkiOf(createPublicKey(readFileSync(file)));
  } catch (cause) {
    throw new MusterError('BAD_FILE', `cannot use the key ${file}: ${messageOf(cause)}`, {
      hint: 'the .pub file that muster image key made',
      cause,
    });
  }
}

/** As images carry it. */
export function spkiOf(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
