import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { nft } from '../call-tool.ts';
import type { Endpoint } from '../parameters.ts';
import { NONCE, REPLY_STAMPS, REQUEST_STAMPS, STAMPS } from './headers.ts';
import type { StampKey } from './stamps.ts';
import { NonceSchema, StampsSchema, stamp } from './stamps.ts';

const TIMEOUT_MS = 10_000;

/**
 * Takes in HTTP that passes through to `destination`, stamps its nonce and sends it on; stamps the reply on its way back. What carries no
 * nonce goes on as it is. Connections to elsewhere pass without being looked at. Resolves when it is in place.
 */
export async function startStampingProxy(
  own: StampKey,
  destination: Endpoint,
  ownPort: number,
): Promise<{ readonly stop: () => Promise<void> }> {
  // A connection for each request: the chain behind may change between two of them.
  const agent = new Agent({ keepAlive: false });
  const server = createServer((incoming, outgoing) => pass(own, destination, agent, incoming, outgoing));
  server.requestTimeout = TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(ownPort, resolve);
  });
  await nft(`table ip muster_stamps {
  chain incoming {
    type nat hook prerouting priority dstnat;
    fib daddr type != local ip daddr ${destination.address} tcp dport ${destination.port} redirect to :${ownPort}
  }
}
`);
  return {
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(
  own: StampKey,
  { address, port }: Endpoint,
  agent: Agent,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const refuse = (code: number, why: string) => {
    if (!outgoing.headersSent) outgoing.writeHead(code, { 'content-type': 'text/plain' });
    outgoing.end(`${why}\n`);
  };
  const nonce = NonceSchema.safeParse(incoming.headers[NONCE]);
  const stamps = StampsSchema.safeParse(incoming.headers[STAMPS] ?? '');
  if (incoming.headers[NONCE] !== undefined && !(nonce.success && stamps.success)) {
    refuse(400, 'the nonce or its stamps are not well-formed');
    return;
  }
  const headers = { ...incoming.headers };
  if (nonce.success && stamps.success)
    headers[STAMPS] = stamp(own, 'request', nonce.data, stamps.data).join(',');
  const onward = request({
    host: address,
    port,
    agent,
    method: incoming.method,
    path: incoming.url,
    headers,
    timeout: TIMEOUT_MS,
  });
  onward.on('timeout', () => onward.destroy(new Error('no answer in time')));
  onward.on('error', (error) => refuse(502, `${address}:${port}: ${error.message}`));
  onward.on('response', (reply) => {
    const back = { ...reply.headers };
    const seen = StampsSchema.safeParse(reply.headers[REQUEST_STAMPS] ?? '');
    const replied = StampsSchema.safeParse(reply.headers[REPLY_STAMPS] ?? '');
    if (nonce.success && seen.success && replied.success) {
      back[REPLY_STAMPS] = stampReply(own, nonce.data, seen.data, replied.data).join(',');
    }
    outgoing.writeHead(reply.statusCode ?? 502, back);
    reply.on('error', () => outgoing.destroy());
    reply.pipe(outgoing);
  });
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

/** A stamp of a reply vouches for those of its request too. */
export function stampReply(
  own: StampKey,
  nonce: string,
  requestStamps: readonly string[],
  replyStamps: readonly string[],
): readonly string[] {
  return stamp(own, 'reply', nonce, [...requestStamps, ...replyStamps]).slice(requestStamps.length);
}
