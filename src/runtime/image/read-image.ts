import { readFile, stat } from 'node:fs/promises';
import { MusterError } from '../../protocol/errors.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { VerifiedImage } from './verify-image.ts';
import { verifyImage } from './verify-image.ts';
import { imageDigest } from './wrap-image.ts';

/** Longest image file, bytes: Node programs are far below, native ones below. */
const MAX_IMAGE_BYTES = 128 * 1024 * 1024;

/** The image of that digest, whoever has signed it. Throws like `readImage`. */
export async function imageOfDigest(file: string, digest: Hex): Promise<VerifiedImage> {
  const verified = verifyImage(await textOf(file));
  if (`0x${imageDigest(verified.manifest)}` === digest) return verified;
  throw new MusterError('ATTESTATION_REFUSED', `${file} is not the image of digest ${digest}`);
}

/**
 * An image from its file, checked against the operator's key (SPKI, base64). Throws MusterError BAD_FILE for a file that cannot be read, and
 * ATTESTATION_REFUSED for everything that this operator has not signed.
 */
export async function readImage(file: string, operatorKey: string): Promise<VerifiedImage> {
  return verifyImage(await textOf(file), operatorKey);
}

async function textOf(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > MAX_IMAGE_BYTES)
      throw new Error(`it is longer than ${MAX_IMAGE_BYTES} bytes`);
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new MusterError(
      'BAD_FILE',
      `cannot read the image ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { hint: 'muster image build', cause },
    );
  }
}

/** What an order says of the image that it is for. */
export interface OrderedImage {
  readonly image: string;
  readonly imageDigest: Hex;
  readonly version: number;
}

/**
 * The image of an order: signed by the operator, of the digest and version that were ordered, and not older than `atLeast`, the newest that
 * was taken so far. Throws like `readImage`.
 */
export async function imageOfOrder(
  order: OrderedImage,
  operatorKey: string,
  atLeast: number,
): Promise<VerifiedImage> {
  const verified = await readImage(order.image, operatorKey);
  const { agent, version } = verified.manifest;
  const refuse = (why: string) =>
    new MusterError('ATTESTATION_REFUSED', `image of ${agent}, version ${version}: ${why}`, {
      hint: 'the newest image that the operator has signed',
    });
  if (version < atLeast) throw refuse(`older than version ${atLeast}, which was there before`);
  if (version !== order.version || `0x${imageDigest(verified.manifest)}` !== order.imageDigest)
    throw refuse('not the one that was ordered');
  return verified;
}
