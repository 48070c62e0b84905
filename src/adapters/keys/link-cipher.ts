import type { KeyObject } from 'node:crypto';
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
} from 'node:crypto';

/** A fresh X25519 key (RFC 7748) of one end of one connection; the private half never leaves it. */
export interface Agreement {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** What both ends, and nobody else, can compute; undefined: that is no key, or one under which everyone would agree on the same. */
  agree(other: Uint8Array): Uint8Array | undefined;
}

export function newAgreement(): Agreement {
  const pair = generateKeyPairSync('x25519');
  const { x = '' } = pair.publicKey.export({ format: 'jwk' });
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    agree: (other) => {
      const publicKey = keyOf(other);
      if (publicKey === undefined) return undefined;
      try {
        const shared = diffieHellman({ privateKey: pair.privateKey, publicKey });
        return shared.every((byte) => byte === 0) ? undefined : new Uint8Array(shared);
      } catch {
        return undefined;
      }
    },
  };
}

function keyOf(raw: Uint8Array): KeyObject | undefined {
  if (raw.length !== 32) return undefined;
  const x = Buffer.from(raw).toString('base64url');
  try {
    return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x } });
  } catch {
    return undefined;
  }
}

/** What goes one way over one connection, in its order: the count of messages is the nonce. */
export interface LinkCipher {
  seal(plain: Uint8Array): Uint8Array;
  /** Undefined: not the next that the other end has sealed, or not whole. */
  open(sealed: Uint8Array): Uint8Array | undefined;
}

/** AES-256-GCM under keys by HKDF-SHA256 from what was agreed on; `ours` and `theirs` name the two ways, and what they are bound to. */
export function linkCipher(shared: Uint8Array, ours: Uint8Array, theirs: Uint8Array): LinkCipher {
  const keyFor = (way: Uint8Array) => new Uint8Array(hkdfSync('sha256', shared, new Uint8Array(0), way, 32));
  const [sealing, opening] = [keyFor(ours), keyFor(theirs)];
  let sealed = 0n;
  let opened = 0n;
  return {
    seal: (plain) => {
      const cipher = createCipheriv('aes-256-gcm', sealing, nonceOf(sealed++));
      return new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
    },
    open: (bytes) => {
      if (bytes.length < 16) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', opening, nonceOf(opened));
        decipher.setAuthTag(bytes.subarray(bytes.length - 16));
        const plain = decipher.update(bytes.subarray(0, bytes.length - 16));
        const whole = new Uint8Array(Buffer.concat([plain, decipher.final()]));
        opened++;
        return whole;
      } catch {
        return undefined;
      }
    },
  };
}

function nonceOf(count: bigint): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(count, 4);
  return nonce;
}
