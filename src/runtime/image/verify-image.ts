import { createHash } from 'node:crypto';
import { operatorHasSigned } from '../../adapters/keys/operator-signature.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Image, ImageManifest } from '../../protocol/image.ts';
import { ImageSchema } from '../../protocol/image.ts';
import { imageText, signedBytes } from './wrap-image.ts';

/** An image whose bytes and signature have been checked; made here only. */
export interface VerifiedImage {
  readonly manifest: ImageManifest;
  readonly bundle: Uint8Array;
  /** ed25519, SPKI in base64. */
  readonly publicKey: string;
}

/**
 * Reads an image file and checks it. `operatorKey`: the one that must have signed it (SPKI, base64); without it the image only
 * proves that it is whole. Throws MusterError ATTESTATION_REFUSED for what is no image, and for every changed byte.
 */
export function verifyImage(text: string, operatorKey?: string): VerifiedImage {
  const image = readImage(text);
  const { manifest, publicKey } = image;
  const refuse = (why: string) =>
    new MusterError(
      'ATTESTATION_REFUSED',
      `image of ${manifest.agent}, version ${manifest.version}: ${why}`,
      {
        hint: 'get it again from whoever built it, or build it: muster image build',
      },
    );
  if (operatorKey !== undefined && operatorKey !== publicKey) throw refuse('signed by another key');
  if (!operatorHasSigned(signedBytes(manifest), publicKey, image.signature))
    throw refuse('its signature does not fit its manifest');
  const bundle = Buffer.from(image.bundle, 'base64');
  if (createHash('sha256').update(bundle).digest('hex') !== manifest.bundleSha256)
    throw refuse('its program is not the one that was signed');
  if (bundle.toString('base64') !== image.bundle || imageText(image) !== text)
    throw refuse('it is not written as images are');
  return { manifest, bundle, publicKey };
}

function readImage(text: string): Image {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MusterError('ATTESTATION_REFUSED', 'no image: not JSON', { cause });
  }
  const parsed = ImageSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new MusterError('ATTESTATION_REFUSED', `no image: ${issue?.path.join('.')}: ${issue?.message}`);
}
