import { stringifySetCookie } from 'cookie';
import { z } from 'zod';
import { TOKEN_ROLES, TokenNameSchema } from '../../protocol/token-record.ts';
import { SESSION_MS } from '../../runtime/tokens/console-sessions.ts';
import type { Caller } from '../access/caller.ts';
import { cookieNameAt, cookieOf } from '../access/session-cookie.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';
import type { ConsoleAccess } from './console-access.ts';

const tag = 'Muster: the console';
const SessionViewSchema = z.strictObject({ name: TokenNameSchema, role: z.enum(TOKEN_ROLES) });

/** Session of a browser. */
export function sessionEndpoints(access: ConsoleAccess): readonly Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/v1/session',
      tag,
      summary: 'Exchanges the code of an address of the console, or a named token, for a cookie',
      open: true,
      params: NOTHING,
      query: NOTHING,
      body: z.strictObject({ secret: z.string().min(1).max(512) }),
      answers: { 200: { description: 'Who has come in', schema: SessionViewSchema } },
      handle: async ({ body: { secret }, headers: { host } }) => {
        const opened = await access.open(secret);
        if (opened === undefined) {
          throw new HttpProblem({
            status: 401,
            reason: 'that code has been used, or is too old, or there is no such token',
            hint: 'muster console prints a new address; muster token create NAME makes a token',
          });
        }
        const headers = { 'set-cookie': setCookie(host, opened.cookie, SESSION_MS / 1000) };
        return { status: 200, body: opened.caller satisfies Caller, headers };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/v1/session',
      tag,
      summary: 'Who this is asked by',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'Name and role', schema: SessionViewSchema } },
      handle: async ({ caller }) => ({ status: 200, body: caller }),
    }),
    endpoint({
      method: 'DELETE',
      path: '/v1/session',
      tag,
      summary: 'Ends the session of this browser',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: 'It has ended' } },
      handle: async ({ headers }) => {
        await access.close(cookieOf(headers));
        return { status: 204, headers: { 'set-cookie': setCookie(headers['host'], '', 0) } };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/v1/console/addresses',
      tag,
      summary: 'A new address that opens the console once',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'Its path', schema: z.strictObject({ path: z.string() }) } },
      handle: async () => ({ status: 200, body: { path: access.address() } }),
    }),
  ];
}

/** Not marked Secure: it is for loopback, over plain HTTP. */
function setCookie(host: string | undefined, value: string, maxAge: number): string {
  const options = { path: '/', maxAge, httpOnly: true, sameSite: 'strict' } as const;
  return stringifySetCookie(cookieNameAt(host), value, options);
}
