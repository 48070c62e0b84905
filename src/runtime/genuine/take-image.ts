import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import { IMAGE_SUFFIX } from '../../protocol/image.ts';
import { verifyImage } from '../image/verify-image.ts';
import { imageDigest } from '../image/wrap-image.ts';
import type { AgentImage } from './agent-image.ts';

/** An image that agents are to go over to, and a way to keep it where guards read it. */
export interface OfferedImage {
  readonly image: AgentImage;
  keep(): Promise<void>;
}

/**
 * An image as it was sent, checked: whole, of the operator whose images the guards of this pipeline take, and of the program that its agents run.
 * `dir`: where it is kept, the supervisor's and the guards' alone.
 * @throws ATTESTATION_REFUSED for one of another operator, or that is none; NOT_SUPPORTED for one of another program.
 */
export function takeImage(text: string, running: AgentImage, dir: string): OfferedImage {
  const verified = verifyImage(text);
  const { operatorKey } = running;
  const { agent, version, runtime } = verified.manifest;
  const what = `image of ${agent}, version ${version}`;
  if (verified.publicKey !== operatorKey) {
    throw new MusterError('ATTESTATION_REFUSED', `${what}: signed by another key than the one that is up`, {
      hint: 'its guards take no other: sign with the key of muster up --operator-key (without that, its key is gone)',
    });
  }
  const { manifest: now } = running.verified;
  if (runtime !== now.runtime || agent !== now.agent) {
    throw new MusterError(
      'NOT_SUPPORTED',
      `${what}, for ${runtime}: the agents run ${now.agent} for ${now.runtime}`,
      {
        hint: `muster image build ${now.agent} --release ${now.version + 1}`,
      },
    );
  }
  const file = join(dir, `${agent}-${version}-${imageDigest(verified.manifest).slice(0, 16)}${IMAGE_SUFFIX}`);
  return {
    image: { file, operatorKey, verified },
    keep: async () => {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      await writeFile(file, text, { mode: 0o600 });
    },
  };
}
