import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem } from '../http/http-problem.ts';

/** No script, style or picture but our own, in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/** Whether anyone may ask for it: pages hold nothing of what runs here. */
export function isConsolePage(method: string, path: string): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    (path === '/' || path === '/console' || path.startsWith('/console/'))
  );
}

/** The console's pages, as they were built into `directory`. Views have addresses of their own, and are all one page. */
export function addConsolePages(api: FastifyInstance, directory: string): void {
  const toConsole = (_: FastifyRequest, reply: FastifyReply) => reply.redirect('/console/');
  api.get('/', toConsole);
  api.get('/console', toConsole);
  if (!existsSync(join(directory, 'index.html'))) {
    api.get('/console/*', notBuilt);
    return;
  }
  void api.register(fastifyStatic, { root: directory, serve: false, preCompressed: true });
  api.get<{ Params: { '*': string } }>('/console/*', (request, reply) => {
    void reply.headers(HEADERS);
    const path = request.params['*'];
    // Names of what is built carry the hash of what is in it.
    if (path.startsWith('assets/')) return reply.sendFile(path, { immutable: true, maxAge: '365d' });
    return reply.sendFile('index.html', { cacheControl: false });
  });
}

function notBuilt(): never {
  throw new HttpProblem({
    status: 503,
    reason: 'the console has not been built here',
    hint: 'make setup builds it; everything else works without',
  });
}
