import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { note } from './printer.ts';

/** Where one finds the console again. */
export const USUAL_PORT = 7468;

/** At the port that was asked for; when none was, at the usual one, or, where that is taken, at any. */
export async function listenOnLoopback(api: FastifyInstance, port: number | undefined): Promise<string> {
  const host = '127.0.0.1';
  if (port !== undefined) return api.listen({ host, port });
  const free = await isFree(USUAL_PORT);
  if (!free) note(`port ${USUAL_PORT} is taken: the API is at another`);
  return api.listen({ host, port: free ? USUAL_PORT : 0 });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port }, () => probe.close(() => resolve(true)));
  });
}
