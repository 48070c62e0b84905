import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import { IMAGE_SUFFIX } from '../../protocol/image.ts';
import { defaultImage } from '../image/build-image.ts';
import { publicKeyOf, spkiOf } from '../image/operator-key.ts';
import { readImage } from '../image/read-image.ts';
import type { VerifiedImage } from '../image/verify-image.ts';
import { imageText } from '../image/wrap-image.ts';

/** An image that agents are started from, and the key that it was checked against. */
export interface AgentImage {
  readonly file: string;
  /** Of whoever must have signed it: ed25519, SPKI in base64. */
  readonly operatorKey: string;
  readonly verified: VerifiedImage;
}

/**
 * An operator's image, checked before anything is started with it. Throws MusterError BAD_FILE for files that cannot be read, ATTESTATION_REFUSED for an
 * image that this operator has not signed as it is, and NOT_SUPPORTED for one that is no agent of ours.
 */
export async function operatorsImage(file: string, keyFile: string): Promise<AgentImage> {
  const operatorKey = publicKeyOf(keyFile);
  const verified = await readImage(file, operatorKey);
  if (verified.manifest.runtime !== 'node') {
    throw new MusterError('NOT_SUPPORTED', `${file} is a program for the machine itself, not for Node`, {
      hint: 'every agent of a scenario runs the agent process: muster image build NAME',
    });
  }
  return { file, operatorKey, verified };
}

/** The agent process of this checkout, built in `dir` and signed; without keys (ed25519), with one that nobody has afterwards. */
export async function ownImage(
  dir: string,
  keys?: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
): Promise<AgentImage> {
  const { privateKey, publicKey } = keys ?? generateKeyPairSync('ed25519');
  const file = join(dir, `agent${IMAGE_SUFFIX}`);
  await writeFile(file, imageText(await defaultImage(privateKey)), { mode: 0o600 });
  const operatorKey = spkiOf(publicKey);
  return { file, operatorKey, verified: await readImage(file, operatorKey) };
}
