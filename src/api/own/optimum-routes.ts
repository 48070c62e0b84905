import {
  type OptimumOrder,
  OptimumOrderSchema,
  type OptimumView,
  OptimumViewSchema,
} from '../../protocol/optimum-view.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';

/** Compares what is placed with the best that there is. */
export type Compare = (order: OptimumOrder) => Promise<OptimumView>;

export function optimumEndpoints(compare: Compare): readonly Endpoint[] {
  return [
    endpoint({
      // It changes nothing, and takes a processor: not for who may only look.
      method: 'POST',
      path: '/v1/placement/optimum',
      tag: 'Muster: services',
      summary: 'How far services are from where they would be placed at best; changes nothing',
      params: NOTHING,
      query: NOTHING,
      body: OptimumOrderSchema.default({ withinS: 20 }),
      answers: { 200: { description: 'What was found in time', schema: OptimumViewSchema } },
      handle: async ({ body }) => ({ status: 200, body: await compare(body) }),
    }),
  ];
}
