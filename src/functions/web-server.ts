import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { FunctionProgram } from './function-program.ts';
import { listOf, port, readParameters, readUnitParameters, whole } from './parameters.ts';
import { NONCE, REPLY_STAMPS, REQUEST_STAMPS, STAMPS } from './stamps/headers.ts';
import { stampReply } from './stamps/stamping-proxy.ts';
import type { StampKey } from './stamps/stamps.ts';
import { NonceSchema, StampKeySchema, StampsSchema, verifyStamps } from './stamps/stamps.ts';

/**
 * Serves one page over HTTP. With `stamp-verify` (names and keys of the functions before it, in order) it answers a request with a nonce only
 * if all of them have stamped it, and is the first to stamp the reply.
 */
export const webServer: FunctionProgram = async ({ parameters, id }) => {
  const given = readUnitParameters(parameters, {
    port: port(80),
    'page-bytes': whole(1, 10_000_000, 2000),
    text: z.string().max(60_000).optional(),
    'stamp-key': StampKeySchema.optional(),
    'stamp-verify': listOf(StampKeySchema),
  });
  let page = Buffer.from(given.text ?? filler(id, given['page-bytes']));
  const server = createServer((incoming, outgoing) =>
    serve(page, given['stamp-key'], given['stamp-verify'], incoming, outgoing),
  );
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(given.port, resolve);
  });
  return {
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    primitives: {
      'set-page': async (asked) => {
        page = Buffer.from(readParameters(asked, { text: z.string().max(60_000) }).text);
        return `${page.length} bytes`;
      },
    },
  };
};

function serve(
  page: Buffer,
  own: StampKey | undefined,
  before: readonly StampKey[],
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  incoming.resume();
  if (incoming.method !== 'GET' && incoming.method !== 'HEAD') {
    outgoing.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const headers: Record<string, string> = { 'content-type': 'text/plain; charset=utf-8' };
  if (incoming.headers[NONCE] !== undefined && own !== undefined) {
    const nonce = NonceSchema.safeParse(incoming.headers[NONCE]);
    const stamps = StampsSchema.safeParse(incoming.headers[STAMPS] ?? '');
    const wrong =
      nonce.success && stamps.success
        ? verifyStamps(before, 'request', nonce.data, stamps.data)
        : 'the nonce or its stamps are not well-formed';
    if (wrong !== undefined || !nonce.success || !stamps.success) {
      outgoing.writeHead(403, headers).end(`${wrong}\n`);
      return;
    }
    headers[REQUEST_STAMPS] = stamps.data.join(',');
    headers[REPLY_STAMPS] = stampReply(own, nonce.data, stamps.data, []).join(',');
  }
  outgoing.writeHead(200, { ...headers, 'content-length': page.length });
  outgoing.end(incoming.method === 'HEAD' ? undefined : page);
}

const filler = (id: string, bytes: number): string => `${id}\n`.padEnd(bytes, 'muster ').slice(0, bytes);
