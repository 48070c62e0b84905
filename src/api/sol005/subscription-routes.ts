import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import {
  LccnSubscriptionRequestSchema,
  LccnSubscriptionSchema,
  type SubscriptionRecord,
} from '../../protocol/sol005/subscriptions.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { ListQuerySchema, listAnswer } from '../http/list-answer.ts';
import type { Northbound } from '../northbound.ts';
import { type Ask, requireCallback } from '../notifications/callback.ts';
import { SUBSCRIPTIONS } from '../notifications/notification-of.ts';
import {
  addSubscription,
  deleteSubscription,
  findSubscription,
  listSubscriptions,
} from '../notifications/subscription-store.ts';

const tag = 'SOL005: subscriptions';
const params = z.object({ subscriptionId: IdentifierSchema });
const one = `${SUBSCRIPTIONS}/{subscriptionId}`;

/** `/nslcm/v1/subscriptions` of ETSI GS NFV-SOL 005: who is told of what happens to network services. */
export function subscriptionEndpoints(
  { records, site, nowMs }: Northbound,
  ask: Ask,
  pageSize?: number,
): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: SUBSCRIPTIONS,
      tag,
      summary: 'All subscriptions',
      params: NOTHING,
      query: ListQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'Those that fit', schema: z.array(LccnSubscriptionSchema.partial()) } },
      handle: async ({ query }) => {
        const list = {
          items: await listSubscriptions(await records.view()),
          keyOf: ({ createdAtMs, id }: SubscriptionRecord) =>
            `${String(createdAtMs).padStart(15, '0')} ${id}`,
          view: subscriptionView,
        };
        return listAnswer(list, query, SUBSCRIPTIONS, pageSize);
      },
    }),
    endpoint({
      method: 'POST',
      path: SUBSCRIPTIONS,
      tag,
      summary: 'Has an address told of what happens; its host has to be on the allow-list',
      params: NOTHING,
      query: NOTHING,
      body: LccnSubscriptionRequestSchema,
      answers: { 201: { description: 'It is there', schema: LccnSubscriptionSchema } },
      handle: async ({ body: { callbackUri, filter }, caller }) => {
        await requireCallback(callbackUri, site, ask);
        const record: SubscriptionRecord = {
          format: 1,
          id: randomUUID(),
          callbackUri,
          ...(filter === undefined ? {} : { filter }),
          createdAtMs: nowMs(),
          createdBy: caller?.name ?? '',
        };
        await addSubscription(records, record);
        const location = `${SUBSCRIPTIONS}/${record.id}`;
        return { status: 201, body: subscriptionView(record), headers: { location } };
      },
    }),
    endpoint({
      method: 'GET',
      path: one,
      tag,
      summary: 'One subscription',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'It', schema: LccnSubscriptionSchema } },
      handle: async ({ params: { subscriptionId } }) => ({
        status: 200,
        body: subscriptionView(await findSubscription(await records.view(), subscriptionId)),
      }),
    }),
    endpoint({
      method: 'DELETE',
      path: one,
      tag,
      summary: 'Ends a subscription',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: 'It is gone' } },
      handle: async ({ params: { subscriptionId } }) => {
        await deleteSubscription(records, subscriptionId);
        return { status: 204 };
      },
    }),
  ];
}

function subscriptionView({
  id,
  callbackUri,
  filter,
}: SubscriptionRecord): z.output<typeof LccnSubscriptionSchema> {
  return {
    id,
    callbackUri,
    ...(filter === undefined ? {} : { filter }),
    _links: { self: { href: `${SUBSCRIPTIONS}/${id}` } },
  };
}
