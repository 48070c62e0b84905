import { z } from 'zod';
import { OsmTokenSchema } from '../../protocol/osm/answers.ts';
import { OsmTokenRequestSchema } from '../../protocol/osm/ns-requests.ts';
import { stableUuid } from '../../runtime/packages/package-resources.ts';
import type { Access, Session } from '../access/access.ts';
import { bearerOf } from '../access/require-caller.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';
import { seconds } from './osm-format.ts';

const tag = 'OSM: tokens';
const TOKENS = '/osm/admin/v1/tokens';

/** The project that everything is in: there are no others. */
export const PROJECT = 'muster';

/** OSM's login: name and secret of a named token give one for an hour. */
export function osmTokenEndpoints(access: Access): readonly Endpoint[] {
  const params = z.object({ id: z.string().max(512) });
  const end = (secret: string, caller: Parameters<Access['logout']>[1] | undefined) => {
    if (caller !== undefined && access.logout(secret, caller)) {
      return { status: 200, body: 'token deleted', type: 'text/plain; charset=utf-8' };
    }
    throw new HttpProblem({
      status: 404,
      reason: 'there is no such token',
      hint: `POST ${TOKENS} makes one`,
    });
  };
  return [
    endpoint({
      method: 'POST',
      path: TOKENS,
      tag,
      summary:
        'A token for an hour: username is the name of a token of `muster token create`, password the token',
      open: true,
      params: NOTHING,
      query: NOTHING,
      body: OsmTokenRequestSchema,
      answers: { 200: { description: 'The token', schema: OsmTokenSchema } },
      handle: async ({ body: { username, password } }) => {
        const session = await access.login(username, password);
        if (session === undefined) {
          throw new HttpProblem({
            status: 401,
            reason: 'Access denied: there is no such token',
            hint: 'muster token create NAME makes one: NAME is the username, what it prints the password',
            headers: { 'www-authenticate': 'Bearer realm="muster"' },
          });
        }
        return { status: 200, body: tokenView(session), headers: { location: `${TOKENS}/${session.id}` } };
      },
    }),
    endpoint({
      method: 'GET',
      path: TOKENS,
      tag,
      summary: 'The token that this is asked with',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'It, when it is one of these', schema: z.array(OsmTokenSchema) } },
      handle: async ({ headers }) => {
        const session = access.sessionOf(bearerOf(headers['authorization']));
        return { status: 200, body: session === undefined ? [] : [tokenView(session)] };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: TOKENS,
      tag,
      summary: 'Ends the token that this is asked with',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'It has ended', type: 'text/plain' } },
      handle: async ({ headers, caller }) => end(bearerOf(headers['authorization']), caller),
    }),
    endpoint({
      method: 'DELETE',
      path: `${TOKENS}/{id}`,
      tag,
      summary: 'Ends a token of the same name',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'It has ended', type: 'text/plain' } },
      handle: async ({ params: { id }, caller }) => end(id, caller),
    }),
  ];
}

function tokenView({ id, caller, issuedAtMs, expiresAtMs }: Session): z.output<typeof OsmTokenSchema> {
  const admin = caller.role === 'operator';
  return {
    _id: id,
    id,
    issued_at: seconds(issuedAtMs),
    expires: seconds(expiresAtMs),
    username: caller.name,
    user_id: stableUuid(`user ${caller.name}`),
    project_id: PROJECT,
    project_name: PROJECT,
    admin,
    roles: [{ name: caller.role, id: stableUuid(`role ${caller.role}`) }],
  };
}
