import { createHash } from 'node:crypto';

/** Bytes that hide what is committed to from who would guess it. */
export const BLIND_BYTES = 16;

/** SHA-256 over what hides a text and the text: binds to the text, and tells nothing of it to who does not know `blind`. */
export function commitmentTo(blind: Uint8Array, text: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update('muster said').update(blind).update(text).digest());
}
