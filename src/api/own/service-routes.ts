import { z } from 'zod';
import { ImprovedSchema } from '../../protocol/improved-service.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import { OperationSchema } from '../../protocol/operation-record.ts';
import { PrimitiveViewSchema } from '../../protocol/primitive-view.ts';
import { ServiceInstanceSchema } from '../../protocol/service-record.ts';
import {
  ActionRequestSchema,
  ApplyRequestSchema,
  HealRequestSchema,
  ImproveRequestSchema,
  InstantiateRequestSchema,
  ScaleRequestSchema,
  TerminateRequestSchema,
  UpdateRequestSchema,
} from '../../protocol/service-requests.ts';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import { onDemandPrimitives } from '../../runtime/services/on-demand-primitives.ts';
import { packagesIn } from '../../runtime/services/service-packages.ts';
import { seenBy } from '../access/seen-by.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { begun, type Northbound } from '../northbound.ts';
import { opOccPath } from '../sol005/op-occ-view.ts';

const tag = 'Muster: services';
const service = z.object({ service: IdentifierSchema });
const operation = z.object({ operation: IdentifierSchema });

const AppliedSchema = z.strictObject({
  outcome: z.enum(['created', 'updated', 'unchanged', 'planned']),
  changes: z.array(z.strictObject({ about: z.string(), change: z.string() })),
  service: ServiceInstanceSchema.optional(),
  operation: OperationSchema.optional(),
});

/** Services in our own words, with all that is known of them: what the command line uses. */
export function serviceEndpoints(to: Northbound): readonly Endpoint[] {
  const { services } = to;
  const packages = packagesIn(to.packages);
  const read = <P extends z.ZodType>(
    path: string,
    summary: string,
    params: P,
    schema: z.ZodType,
    answer: (
      params: z.output<P>,
      query: { service?: string | undefined },
      seen: ReturnType<typeof seenBy>,
    ) => Promise<unknown>,
  ): Endpoint =>
    endpoint({
      method: 'GET',
      path,
      tag,
      summary,
      params,
      query: z.object({ service: IdentifierSchema.optional() }),
      body: NOTHING,
      answers: { 200: { description: 'As it is', schema } },
      handle: async ({ params: given, query, caller }) => ({
        status: 200,
        body: await answer(given, query, seenBy(caller)),
      }),
    });
  return [
    read('/v1/services', 'All services', NOTHING, z.array(ServiceInstanceSchema), async (_, __, seen) =>
      (await services.list()).map(seen.service),
    ),
    read(
      '/v1/services/{service}',
      'One service',
      service,
      ServiceInstanceSchema,
      async ({ service: ref }, _, seen) => seen.service(await services.get(ref)),
    ),
    read(
      '/v1/services/{service}/primitives',
      'What can be done to its functions on demand, and with which parameters',
      service,
      z.array(PrimitiveViewSchema),
      async ({ service: ref }) => onDemandPrimitives(await services.get(ref), packages),
    ),
    read(
      '/v1/operations',
      'Operations, newest first',
      NOTHING,
      z.array(OperationSchema),
      async (_, { service: ref }, seen) => (await services.operations(ref)).map(seen.operation),
    ),
    read(
      '/v1/operations/{operation}',
      'One operation',
      operation,
      OperationSchema,
      async ({ operation: id }, _, seen) => seen.operation(await services.operation(id)),
    ),
    endpoint({
      method: 'POST',
      path: '/v1/services/apply',
      tag,
      summary: 'Brings a service to what a service file says: makes it, changes it, or does nothing',
      params: NOTHING,
      query: NOTHING,
      body: ApplyRequestSchema,
      answers: {
        200: {
          description: 'Nothing is to be done, or it was only asked what would be',
          schema: AppliedSchema,
        },
        202: { description: 'Begun', schema: AppliedSchema },
      },
      handle: async ({ body: request, caller }) => {
        const applied = await services.apply(request);
        const { operation: began } = applied;
        if (began === undefined) return { status: 200, body: applied };
        await begun(to, caller, Promise.resolve(began));
        return { status: 202, body: applied, headers: { location: opOccPath(began.id) } };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/v1/services/{service}/improve',
      tag,
      summary: 'Asks whether its units would cost less elsewhere, and moves them there when that pays',
      params: service,
      query: NOTHING,
      body: ImproveRequestSchema.default({ dryRun: false }),
      answers: {
        200: { description: 'It does not pay, or it was only asked what would move', schema: ImprovedSchema },
        202: { description: 'Begun', schema: ImprovedSchema },
      },
      handle: async ({ params: { service: ref }, body: request, caller }) => {
        const improved = await services.improve(ref, request);
        const { operation: began } = improved;
        if (began === undefined) return { status: 200, body: improved };
        await begun(to, caller, Promise.resolve(began));
        return { status: 202, body: improved, headers: { location: opOccPath(began.id) } };
      },
    }),
    ...verbs(to),
  ];
}

function verbs(to: Northbound): readonly Endpoint[] {
  const { services } = to;
  const verb = <B extends z.ZodType>(
    name: string,
    summary: string,
    body: B,
    begin: (ref: string, request: z.output<B>) => Promise<Operation>,
  ): Endpoint =>
    endpoint({
      method: 'POST',
      path: `/v1/services/{service}/${name}`,
      tag,
      summary,
      params: service,
      query: NOTHING,
      body,
      answers: { 202: { description: 'Begun', schema: OperationSchema } },
      handle: async ({ params: { service: ref }, body: request, caller }) => {
        const began = await begun(to, caller, begin(ref, request));
        return { status: 202, body: began, headers: { location: opOccPath(began.id) } };
      },
    });
  const settle = (name: string, summary: string, act: (id: string) => Promise<Operation>): Endpoint =>
    endpoint({
      method: 'POST',
      path: `/v1/operations/{operation}/${name}`,
      tag,
      summary,
      params: operation,
      query: NOTHING,
      body: z.strictObject({}).optional(),
      answers: { 202: { description: 'Taken', schema: OperationSchema } },
      handle: async ({ params: { operation: id } }) => ({ status: 202, body: await act(id) }),
    });
  return [
    verb(
      'instantiate',
      'Places and starts its functions',
      InstantiateRequestSchema.default({}),
      (ref, request) => services.instantiate(ref, request),
    ),
    verb('scale', 'One aspect of one member by some levels', ScaleRequestSchema, (ref, request) =>
      services.scale(ref, request),
    ),
    verb('heal', 'Puts new units in the place of others', HealRequestSchema.default({}), (ref, request) =>
      services.heal(ref, request),
    ),
    verb('update', 'Other wishes and values', UpdateRequestSchema, (ref, request) =>
      services.update(ref, request),
    ),
    verb('action', 'Carries a primitive out', ActionRequestSchema, (ref, request) =>
      services.action(ref, request),
    ),
    verb(
      'terminate',
      'Stops all that runs of it',
      TerminateRequestSchema.default({ remove: false }),
      (ref, request) => services.terminate(ref, request),
    ),
    endpoint({
      method: 'DELETE',
      path: '/v1/services/{service}',
      tag,
      summary: 'Forgets a service of which nothing runs',
      params: service,
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: 'It is forgotten' } },
      handle: async ({ params: { service: ref } }) => {
        await services.remove(ref);
        return { status: 204 };
      },
    }),
    settle('retry', 'FAILED_TEMP: again, from the step that failed', (id) => services.retry(id)),
    settle('rollback', 'FAILED_TEMP: undoes what has been done', (id) => services.rollback(id)),
    settle('fail', 'FAILED_TEMP: it stays as it is', (id) => services.fail(id)),
    settle('cancel', 'Stops after the step that is being done', (id) => services.cancel(id)),
  ];
}
