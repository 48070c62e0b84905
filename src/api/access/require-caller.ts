import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpProblem } from '../http/http-problem.ts';
import type { Access } from './access.ts';
import type { Caller } from './caller.ts';

const callers = new WeakMap<FastifyRequest, Caller>();

/** Who sent this request; undefined where anyone may. */
export function callerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

/** Lets in who has a token: all that changes anything is for operators alone. `isOpen`: paths that are for everyone. */
export function requireCaller(
  api: FastifyInstance,
  access: Access,
  isOpen: (method: string, path: string) => boolean,
): void {
  api.addHook('onRequest', async (request) => {
    const [path = ''] = request.url.split('?');
    if (isOpen(request.method, path)) return;
    const caller = await access.callerOf(bearerOf(request.headers.authorization));
    if (caller === undefined) {
      throw new HttpProblem({
        status: 401,
        reason: 'a token is asked for',
        hint: 'send Authorization: Bearer TOKEN: the one of `muster up`, or one of `muster token create`',
        headers: { 'www-authenticate': 'Bearer realm="muster"' },
      });
    }
    callers.set(request, caller);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const ownSession = request.method === 'DELETE' && path.startsWith('/osm/admin/v1/tokens');
    if (reads || ownSession || caller.role === 'operator') return;
    throw new HttpProblem({
      status: 403,
      reason: `the token ${caller.name} may only read`,
      hint: 'use one that was made with --role operator',
    });
  });
}

export function bearerOf(header: string | undefined): string {
  const [, secret = ''] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? [];
  return secret;
}
