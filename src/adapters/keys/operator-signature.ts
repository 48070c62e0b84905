import type { KeyObject } from 'node:crypto';
import { createPublicKey, sign, verify } from 'node:crypto';

/** ed25519 (RFC 8032) by an operator's key, base64. */
export function signAsOperator(bytes: Uint8Array, key: KeyObject): string {
  return sign(null, bytes, key).toString('base64');
}

/**
 * Whether the operator of this public key (SPKI in base64) has signed these bytes. Base64 and DER can be read more leniently than they are
 * written: one key and one signature have one text each.
 */
export function operatorHasSigned(bytes: Uint8Array, publicKey: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' });
    const written = key.export({ type: 'spki', format: 'der' }).toString('base64');
    const signed = Buffer.from(signature, 'base64');
    return (
      key.asymmetricKeyType === 'ed25519' &&
      written === publicKey &&
      signed.toString('base64') === signature &&
      verify(null, bytes, key, signed)
    );
  } catch {
    return false;
  }
}
