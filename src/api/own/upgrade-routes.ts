import type { Readable } from 'node:stream';
import { z } from 'zod';
import { UpgradeViewSchema } from '../../protocol/upgrade.ts';
import type { Supervisor } from '../../runtime/up/supervisor.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';

const tag = 'Muster: pipelines';
const path = '/v1/pipeline/upgrade';
/** An image of our agents has two million. */
const MOST_IMAGE_BYTES = 32 * 1024 * 1024;

/** Agents that go over to a newer image while everything goes on, as `muster pipeline upgrade` has them. */
export function upgradeEndpoints(
  supervisor: Pick<Supervisor, 'upgrade' | 'planUpgrade' | 'upgradeTo'>,
): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path,
      tag,
      summary: 'How the agents go over to a newer image, or have',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'As it is now', schema: UpgradeViewSchema } },
      handle: async () => ({ status: 200, body: supervisor.upgrade() }),
    }),
    endpoint({
      method: 'POST',
      path,
      tag,
      summary:
        'Has the agents go over to a newer image, one after the other; what is sent is the file of the image',
      params: NOTHING,
      query: z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') }),
      takes: 'image',
      body: NOTHING,
      answers: {
        200: { description: 'What it would do, or that there is nothing to do', schema: UpgradeViewSchema },
        202: { description: 'It has begun', schema: UpgradeViewSchema },
      },
      handle: async ({ query: { dryRun }, upload, caller }) => {
        const image = await textOf(upload);
        if (dryRun === 'true') return { status: 200, body: supervisor.planUpgrade(image) };
        const body = await supervisor.upgradeTo(image, caller?.name ?? '');
        return body.state === 'planned'
          ? { status: 200, body }
          : { status: 202, body, headers: { location: path } };
      },
    }),
  ];
}

/** What has been sent, unless it is longer than any image. */
async function textOf(upload: Readable | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Left as it is when this ends early: a stream that is ended takes the connection with it, and the sender would not hear why.
  for await (const chunk of upload?.iterator({ destroyOnReturn: false }) ?? []) {
    if (!(chunk instanceof Uint8Array)) break;
    bytes += chunk.length;
    if (bytes > MOST_IMAGE_BYTES) {
      throw new HttpProblem({
        status: 413,
        reason: `an image has at most ${MOST_IMAGE_BYTES} bytes`,
        hint: 'muster image build makes them',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
