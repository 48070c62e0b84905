import { z } from 'zod';
import { Ipv4Schema, LinkIdSchema } from '../../protocol/ids.ts';
import { BlockOrderSchema, BlockSchema } from '../../protocol/operator-block.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import type { Supervised } from './status-routes.ts';

const tag = 'Muster: what runs here';

/** Addresses that are dropped, by agents or by operators; and what operators have dropped. */
export function blockEndpoints(
  supervisor: Pick<Supervised, 'block' | 'unblock' | 'blocks'>,
): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/v1/blocks',
      tag,
      summary: 'Addresses that are dropped now, where, and by whom',
      params: NOTHING,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'As the data plane has them', schema: z.array(BlockSchema) } },
      handle: async () => ({ status: 200, body: [...(await supervisor.blocks())] }),
    }),
    endpoint({
      method: 'POST',
      path: '/v1/blocks',
      tag,
      summary: 'Drops everything from an address on every guarded link, for a time',
      params: NOTHING,
      query: NOTHING,
      body: BlockOrderSchema,
      answers: {
        201: { description: 'On these links', schema: z.strictObject({ links: z.array(LinkIdSchema) }) },
      },
      handle: async ({ body, caller }) => ({
        status: 201,
        body: { links: [...(await supervisor.block(body, caller?.name ?? 'nobody'))] },
      }),
    }),
    endpoint({
      method: 'DELETE',
      path: '/v1/blocks/{source}',
      tag,
      summary: 'Ends the block of an address that an operator has set',
      params: z.object({ source: Ipv4Schema }),
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'It is lifted', schema: z.strictObject({ lifted: Ipv4Schema }) } },
      handle: async ({ params: { source }, caller }) => {
        await supervisor.unblock(source, caller?.name ?? 'nobody');
        return { status: 200, body: { lifted: source } };
      },
    }),
  ];
}
