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

/**
 * The points of small order (y coordinate, least significant byte first, without the sign bit; also in forms that are not reduced):
 * a signature under such a key can be made by anyone, without any private key. The all-zero key is one of them.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]);

const known = new Map<Hex, KeyObject>();
const MOST_KNOWN = 4096;

/** False also for keys and signatures that are none, and for keys under which anyone could sign. */
export function verifySignature(publicKey: Hex, bytes: Uint8Array, signature: Uint8Array): boolean {
  const raw = fromHex(publicKey, 32);
  if (raw === undefined || signature.length !== 64 || hasSmallOrder(raw)) return false;
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

function hasSmallOrder(raw: Uint8Array): boolean {
  const y = Buffer.from(raw);
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31);
  return SMALL_ORDER.has(y.toString('hex'));
}
