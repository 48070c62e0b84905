import { resolve } from 'node:path';
import { MusterError } from '../../../protocol/errors.ts';
import type { AgentImage } from '../../../runtime/genuine/agent-image.ts';

/**
 * The image that `--image` and `--operator-key` name, checked; undefined: neither is there. Throws MusterError USAGE for one without the
 * other, and what `operatorsImage` does.
 */
export async function imageOf(flags: {
  readonly image?: string;
  readonly operatorKey?: string;
}): Promise<AgentImage | undefined> {
  const { image, operatorKey } = flags;
  if (image === undefined && operatorKey === undefined) return undefined;
  if (image === undefined || operatorKey === undefined) {
    throw new MusterError('USAGE', 'an image and the key that it must be signed with go together', {
      hint: '--image FILE --operator-key FILE.pub',
    });
  }
  const { operatorsImage } = await import('../../../runtime/genuine/agent-image.ts');
  return await operatorsImage(resolve(image), resolve(operatorKey));
}
