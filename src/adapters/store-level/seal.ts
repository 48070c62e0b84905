import { createHash } from 'node:crypto';

const BYTES = 32;

/** Names a value and the key that it belongs to: neither can be changed, nor one put in the place of another, without its being seen. */
export function sealOf(key: string, value: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(`${Buffer.byteLength(key)} `)
    .update(key)
    .update(value)
    .digest();
}

/** What is written of a value: its seal, then itself. */
export function sealed(seal: Uint8Array, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(BYTES + value.length);
  bytes.set(seal);
  bytes.set(value, BYTES);
  return bytes;
}

/** The value again; undefined: it is not what was written there. */
export function unsealed(
  key: string,
  bytes: Uint8Array,
): { readonly seal: Uint8Array; readonly value: Uint8Array } | undefined {
  if (bytes.length < BYTES) return undefined;
  const value = bytes.slice(BYTES);
  const seal = sealOf(key, value);
  return Buffer.compare(seal, bytes.subarray(0, BYTES)) === 0 ? { seal, value } : undefined;
}

/**
 * One name for all that is stored, which a change alters in time that does not depend on how much there is: the exclusive or of all
 * seals. It finds what damage has done; against someone who writes the files themselves it is no protection.
 */
export function combined(total: Uint8Array, seal: Uint8Array): Uint8Array {
  return total.map((byte, index) => byte ^ (seal[index] ?? 0));
}

export const NOTHING_SEALED: Uint8Array = new Uint8Array(BYTES);
