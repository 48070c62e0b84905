import type { KeyObject } from 'node:crypto';
import { createHash, createPublicKey } from 'node:crypto';
import { signAsOperator } from '../../adapters/keys/operator-signature.ts';
import { canonicalText } from '../../core/attestation/canonical-text.ts';
import type { Image, ImageManifest } from '../../protocol/image.ts';
import { ImageManifestSchema } from '../../protocol/image.ts';

/** Signs an agent's bundle and what is said of it. Throws ZodError for a manifest that is none. */
export function wrapImage(
  bundle: Uint8Array,
  about: Omit<ImageManifest, 'format' | 'bundleSha256' | 'bundleBytes'>,
  key: KeyObject,
): Image {
  const manifest = ImageManifestSchema.parse({
    ...about,
    format: 'muster-image-v1',
    bundleSha256: createHash('sha256').update(bundle).digest('hex'),
    bundleBytes: bundle.length,
  });
  return {
    manifest,
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64'),
    signature: signAsOperator(signedBytes(manifest), key),
    bundle: Buffer.from(bundle).toString('base64'),
  };
}

/** What the signature covers; the first line keeps it from being taken for anything else that the key signs. */
export function signedBytes(manifest: ImageManifest): Buffer {
  return Buffer.from(`muster-image-v1\n${canonicalText(manifest)}`);
}

/** sha256 of the manifest as it is signed, hexadecimal: names the image on the ledger. */
export function imageDigest(manifest: ImageManifest): string {
  return createHash('sha256').update(signedBytes(manifest)).digest('hex');
}

/** The one way in which an image is written to a file. */
export function imageText(image: Image): string {
  return `${JSON.stringify(image, null, 2)}\n`;
}
