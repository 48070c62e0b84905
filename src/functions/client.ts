import { request } from 'node:http';
import { z } from 'zod';
import type { FunctionProgram } from './function-program.ts';
import type { Endpoint } from './parameters.ts';
import { endpoint, listOf, readParameters, readUnitParameters, whole } from './parameters.ts';
import { NONCE, REPLY_STAMPS, REQUEST_STAMPS } from './stamps/headers.ts';
import type { StampKey } from './stamps/stamps.ts';
import { freshNonce, StampKeySchema, StampsSchema, verifyStamps } from './stamps/stamps.ts';

/** What a probe needs: where it goes, and whose stamps it must come back with, in the order of the way there, the server last. */
const PROBE = {
  server: endpoint,
  'stamp-verify': listOf(StampKeySchema),
  'timeout-ms': whole(10, 60_000, 1000),
};

/**
 * A user of a service who looks closely: sends a fresh nonce and checks who stamped it on the way there, and who its answer on the way back.
 * `probe` asks once; `probe-until` asks again and again until all is right, and says after how long that was.
 */
export const client: FunctionProgram = async ({ parameters }) => {
  readUnitParameters(parameters, {});
  return {
    primitives: {
      probe: async (asked) => {
        const { server, 'stamp-verify': keys, 'timeout-ms': timeoutMs } = readParameters(asked, PROBE);
        const startedAt = performance.now();
        const wrong = await probe(server, keys, timeoutMs);
        if (wrong !== undefined) throw new Error(wrong);
        return `${outcomeOf(keys)} ${(performance.now() - startedAt).toFixed(1)} ms`;
      },
      'probe-until': async (asked) => {
        const shape = {
          ...PROBE,
          'within-ms': whole(1, 55_000, 10_000),
          'pause-ms': z.string().default('10').transform(Number).pipe(z.number().min(1).max(1000)),
        };
        const given = readParameters(asked, shape);
        const startedAt = performance.now();
        let wrong: string | undefined = 'not asked yet';
        for (let asking = 1; performance.now() - startedAt < given['within-ms']; asking++) {
          wrong = await probe(given.server, given['stamp-verify'], given['timeout-ms']);
          if (wrong === undefined)
            return `${outcomeOf(given['stamp-verify'], 'after')} ${(performance.now() - startedAt).toFixed(1)} ms, at attempt ${asking}`;
          await new Promise((resolve) => setTimeout(resolve, given['pause-ms']));
        }
        throw new Error(`not within ${given['within-ms']} ms: ${wrong}`);
      },
    },
  };
};

/** Without keys nothing is verified. */
const outcomeOf = (keys: readonly StampKey[], when: 'in' | 'after' = 'in') =>
  keys.length > 0 ? `verified ${when}` : `answered (no stamps to verify: no stamp-verify) ${when}`;

/** Undefined: every stamp is there, in order and genuine, both ways; else what is wrong. */
function probe(
  { address, port }: Endpoint,
  keys: readonly StampKey[],
  timeoutMs: number,
): Promise<string | undefined> {
  const nonce = freshNonce();
  return new Promise((resolve) => {
    const asking = request({ host: address, port, agent: false, headers: { [NONCE]: nonce } });
    const timer = setTimeout(() => asking.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const done = (wrong: string | undefined) => {
      clearTimeout(timer);
      resolve(wrong);
    };
    asking.on('error', (error) => done(error.message));
    asking.on('response', (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part: string) => {
        if (text.length < 300) text += part;
      });
      reply.on('error', (error) => done(error.message));
      reply.on('end', () => {
        if (reply.statusCode !== 200) done(`${reply.statusCode}: ${text.trim().slice(0, 300)}`);
        else done(judge(nonce, keys, reply.headers[REQUEST_STAMPS], reply.headers[REPLY_STAMPS]));
      });
    });
    asking.end();
  });
}

/** The server stamps the reply alone; all before it stamp both ways, replies in reverse. */
function judge(nonce: string, keys: readonly StampKey[], there: unknown, back: unknown): string | undefined {
  if (keys.length === 0) return undefined;
  const [request, reply] = [StampsSchema.safeParse(there ?? ''), StampsSchema.safeParse(back ?? '')];
  if (!request.success || !reply.success) return 'the stamps are not well-formed';
  return (
    verifyStamps(keys.slice(0, -1), 'request', nonce, request.data) ??
    verifyStamps(keys.toReversed(), 'reply', nonce, reply.data, request.data)
  );
}
