import { z } from 'zod';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';

const VersionSchema = z.strictObject({ version: z.string(), date: z.string() });

/** What OSM's clients ask first: the release whose interface this is like. */
export function osmVersionEndpoints(): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/osm/version',
      tag: 'OSM: tokens',
      summary: 'The release of Open Source MANO whose interface this is like',
      open: true,
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'It', schema: VersionSchema } },
      handle: async () => ({ status: 200, body: { version: '14.0.0+muster', date: '2023-07-25' } }),
    }),
  ];
}
