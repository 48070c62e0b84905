import { z } from 'zod';
import { CatalogueServiceSchema } from '../../protocol/catalogue-service.ts';
import { catalogueServices } from '../../runtime/packages/catalogue-services.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';

/** What comes with Muster: to be looked at, and sent back to `/v1/files/apply`. */
export function catalogueEndpoints(): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/v1/catalogue',
      tag: 'Muster: files',
      summary: 'Services that come with Muster, each with the files of all packages that it needs',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'By their ids', schema: z.array(CatalogueServiceSchema) } },
      handle: async () => ({ status: 200, body: [...(await catalogueServices())] }),
    }),
  ];
}
