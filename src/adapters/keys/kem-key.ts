import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import type { Hex } from '../../protocol/ledger.ts';
import { fromHex, toHex } from './hex.ts';

/** HPKE, RFC 9180, base mode. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});
const ENCAPSULATED = 32;

/** What a sealed text is bound to: whoever opens it must name the same. */
export interface SealContext {
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
}

/** An X25519 key pair; the private half never leaves it. */
export interface KemKey {
  readonly publicKey: Hex;
  /** Undefined: not sealed to this key, or bound to something else. */
  open(sealed: Uint8Array, context: SealContext): Promise<Uint8Array | undefined>;
  /** Opens what one sender's `sealStream` gives, in its order. Undefined: that is no encapsulated key. */
  openStream(encapsulated: Uint8Array, info: Uint8Array): Promise<StreamOpener | undefined>;
}

export interface StreamOpener {
  open(sealed: Uint8Array, aad: Uint8Array): Promise<Uint8Array | undefined>;
}

export async function newKemKey(): Promise<KemKey> {
  const pair = await suite.kem.generateKeyPair();
  const raw = await suite.kem.serializePublicKey(pair.publicKey);
  return {
    publicKey: toHex(new Uint8Array(raw)),
    open: async (sealed, { info, aad }) => {
      try {
        const parts = { recipientKey: pair, enc: copy(sealed.subarray(0, ENCAPSULATED)), info: copy(info) };
        return new Uint8Array(await suite.open(parts, copy(sealed.subarray(ENCAPSULATED)), copy(aad)));
      } catch {
        return undefined;
      }
    },
    openStream: async (encapsulated, info) => {
      const parts = { recipientKey: pair, enc: copy(encapsulated), info: copy(info) };
      const context = await suite.createRecipientContext(parts).catch(() => undefined);
      if (context === undefined) return undefined;
      return {
        open: async (sealed, aad) => {
          try {
            return new Uint8Array(await context.open(copy(sealed), copy(aad)));
          } catch {
            return undefined;
          }
        },
      };
    },
  };
}

/** The encapsulated key (32 bytes), then the sealed text. Throws a RangeError for a key that is none. */
export async function sealTo(
  publicKey: Hex,
  plain: Uint8Array,
  { info, aad }: SealContext,
): Promise<Uint8Array> {
  const recipientPublicKey = await publicKeyOf(publicKey);
  const { ct, enc } = await suite.seal({ recipientPublicKey, info: copy(info) }, copy(plain), copy(aad));
  return new Uint8Array(Buffer.concat([new Uint8Array(enc), new Uint8Array(ct)]));
}

export interface SealStream {
  readonly encapsulated: Uint8Array;
  seal(plain: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
}

/** One key agreement for many texts; they open in the order in which they were sealed. */
export async function sealStream(publicKey: Hex, info: Uint8Array): Promise<SealStream> {
  const recipientPublicKey = await publicKeyOf(publicKey);
  const context = await suite.createSenderContext({ recipientPublicKey, info: copy(info) });
  return {
    encapsulated: new Uint8Array(context.enc),
    seal: async (plain, aad) => new Uint8Array(await context.seal(copy(plain), copy(aad))),
  };
}

async function publicKeyOf(publicKey: Hex) {
  const raw = fromHex(publicKey, 32);
  if (raw === undefined)
    throw new RangeError('not an X25519 public key: 32 bytes in hexadecimal are asked for');
  return suite.kem.deserializePublicKey(copy(raw));
}

/** The library takes whole buffers, not views of them. */
function copy(bytes: Uint8Array): ArrayBuffer {
  const buffer = new ArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}
