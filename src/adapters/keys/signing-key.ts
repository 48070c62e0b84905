import type { KeyObject } from 'node:crypto';
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { Hex } from '../../protocol/ledger.ts';
import { fromHex, toHex } from './hex.ts';

/** An ed25519 key (RFC 8032) of which only the public half can be had: 32 bytes. */
export interface SigningKey {
  readonly publicKey: Hex;
  sign(bytes: Uint8Array): Uint8Array;
}

export function newSigningKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: rawPublicKey(publicKey),
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  };
}

function rawPublicKey(key: KeyObject): Hex {
  const { x = '' } = key.export({ format: 'jwk' });
  return toHex(Buffer.from(x, 'base64url'));
}

const known = new Map<Hex, KeyObject>();
const MOST_KNOWN = 4096;

/** False also for keys and signatures that are none. */
export function verifySignature(publicKey: Hex, bytes: Uint8Array, signature: Uint8Array): boolean {
  const raw = fromHex(publicKey, 32);
  if (raw === undefined || signature.length !== 64) return false;
  try {
    let key = known.get(publicKey);
    if (key === undefined) {
      const x = Buffer.from(raw).toString('base64url');
      key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(publicKey, key);
    }
    return verify(null, bytes, key, signature);
  } catch {
    return false;
  }
}
