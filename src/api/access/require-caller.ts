import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpProblem } from '../http/http-problem.ts';
import type { Access } from './access.ts';
import type { Caller } from './caller.ts';
import { CONSOLE_HEADER, cookieOf } from './session-cookie.ts';

interface LetIn {
  readonly caller: Caller;
  /** Who the same secret belongs to by now. */
  again(): Promise<Caller | undefined>;
}

const letIn = new WeakMap<FastifyRequest, LetIn>();

/** Who is behind a session's cookie. */
export type CallerOfCookie = (cookie: string) => Promise<Caller | undefined>;

/** Who sent this request; undefined where anyone may. */
export function callerOf(request: FastifyRequest): Caller | undefined {
  return letIn.get(request)?.caller;
}

/** Whether who sent this request would be let in now: a token may have been revoked since, a session left. False also when that cannot be found out. */
export async function isStillLetIn(request: FastifyRequest): Promise<boolean> {
  const known = letIn.get(request);
  if (known === undefined) return false;
  const now = await known.again().catch(() => undefined);
  return now?.name === known.caller.name;
}

/**
 * Lets in who has a token: all that changes anything is for operators alone. `isOpen`: paths that are for everyone; `isForViewers`: what
 * changes nothing although it is no GET, by the path of its route.
 */
export function requireCaller(
  api: FastifyInstance,
  access: Access,
  callerOfCookie: CallerOfCookie,
  isOpen: (method: string, path: string) => boolean,
  isForViewers: (method: string, route: string) => boolean,
): void {
  api.addHook('onRequest', async (request) => {
    const [path = ''] = request.url.split('?');
    if (isOpen(request.method, path)) return;
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const find = () =>
      (request.headers.authorization ?? '') === ''
        ? byCookie(request, callerOfCookie, reads)
        : access.callerOf(bearerOf(request.headers.authorization));
    const caller = await find();
    if (caller === undefined) {
      throw new HttpProblem({
        status: 401,
        reason: 'a token is asked for',
        hint: 'send Authorization: Bearer TOKEN: the one of `muster up`, or one of `muster token create`',
        headers: { 'www-authenticate': 'Bearer realm="muster"' },
      });
    }
    letIn.set(request, { caller, again: find });
    const ownSession =
      request.method === 'DELETE' && (path.startsWith('/osm/admin/v1/tokens') || path === '/v1/session');
    if (reads || ownSession || caller.role === 'operator') return;
    if (isForViewers(request.method, request.routeOptions.url ?? '')) return;
    throw new HttpProblem({
      status: 403,
      reason: `the token ${caller.name} may only read`,
      hint: 'use one that was made with --role operator',
    });
  });
}

/** A cookie alone may read: what changes anything has to come from a page of the console itself. */
async function byCookie(
  { headers }: FastifyRequest,
  callerOfCookie: CallerOfCookie,
  reads: boolean,
): Promise<Caller | undefined> {
  if (!reads && headers[CONSOLE_HEADER] === undefined) return undefined;
  return callerOfCookie(cookieOf(headers));
}

export function bearerOf(header: string | undefined): string {
  const [, secret = ''] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? [];
  return secret;
}
