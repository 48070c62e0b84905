import { z } from 'zod';
import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import { NsInstanceSchema } from '../../protocol/sol005/nslcm-answers.ts';
import {
  AnyUpdateRequestSchema,
  CreateNsRequestSchema,
  HealNsRequestSchema,
  InstantiateNsRequestSchema,
  NsActionRequestSchema,
  ScaleNsRequestSchema,
  TerminateNsRequestSchema,
} from '../../protocol/sol005/nslcm-requests.ts';
import { findListed, resourceIds } from '../../runtime/packages/package-resources.ts';
import { seenBy } from '../access/seen-by.ts';
import { type Answer, type Call, type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { requireMatch, taggedAnswer } from '../http/entity-tag.ts';
import { HttpProblem } from '../http/http-problem.ts';
import { ListQuerySchema, listAnswer } from '../http/list-answer.ts';
import { begun, type Northbound } from '../northbound.ts';
import { findVnf } from './find-vnf.ts';
import { NS_INSTANCES, nsInstanceView } from './ns-instance-view.ts';
import { opOccPath } from './op-occ-view.ts';
import {
  actionRequestOf,
  healRequestOf,
  instantiateRequestOf,
  updateRequestOf,
} from './service-requests-of.ts';

const tag = 'SOL005: network services';
const params = z.object({ nsInstanceId: IdentifierSchema });
const one = `${NS_INSTANCES}/{nsInstanceId}`;

/** `/nslcm/v1/ns_instances` of ETSI GS NFV-SOL 005, clause 6. */
export function nsInstanceEndpoints(to: Northbound, pageSize?: number): readonly Endpoint[] {
  return [...resources(to, pageSize), ...operations(to)];
}

function resources(to: Northbound, pageSize: number | undefined): readonly Endpoint[] {
  const { services, packages } = to;
  const view = async (service: ServiceInstance) =>
    nsInstanceView(service, await resourceIds(await packages.view()));
  return [
    endpoint({
      method: 'GET',
      path: NS_INSTANCES,
      tag,
      summary: 'Network services, one page of them',
      params: NOTHING,
      query: ListQuerySchema,
      body: NOTHING,
      answers: {
        200: { description: 'Those that fit the filter', schema: z.array(NsInstanceSchema.partial()) },
      },
      handle: async ({ query, caller }) => {
        const seen = seenBy(caller);
        const ids = await resourceIds(await packages.view());
        const list = {
          items: await services.list(),
          keyOf: ({ createdAtMs, id }: ServiceInstance) => `${String(createdAtMs).padStart(15, '0')} ${id}`,
          view: (service: ServiceInstance) => nsInstanceView(seen.service(service), ids),
          byDefaultWithout: ['musterService'],
        };
        return listAnswer(list, query, NS_INSTANCES, pageSize);
      },
    }),
    endpoint({
      method: 'POST',
      path: NS_INSTANCES,
      tag,
      summary: 'Names a network service, which is not instantiated yet',
      params: NOTHING,
      query: NOTHING,
      body: CreateNsRequestSchema,
      answers: { 201: { description: 'It is there', schema: NsInstanceSchema } },
      handle: async ({ body: { nsdId, nsName, nsDescription } }) => {
        const nsd = await onboardedNsd(to, nsdId);
        const service = await services.create({ name: nsName, description: nsDescription, nsd });
        const body = await view(service);
        return {
          status: 201,
          body,
          headers: { location: `${NS_INSTANCES}/${encodeURIComponent(service.id)}` },
        };
      },
    }),
    endpoint({
      method: 'GET',
      path: one,
      tag,
      summary: 'One network service, by its id or its name',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: {
        200: { description: 'As it is', schema: NsInstanceSchema },
        304: { description: 'As you have it' },
      },
      handle: async ({ params: { nsInstanceId }, headers, caller }) =>
        taggedAnswer(await view(seenBy(caller).service(await services.get(nsInstanceId))), headers),
    }),
    endpoint({
      method: 'DELETE',
      path: one,
      tag,
      summary: 'Forgets a network service of which nothing runs',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: 'It is forgotten' } },
      handle: async ({ params: { nsInstanceId }, headers }) => {
        if (headers['if-match'] !== undefined)
          requireMatch(await view(await services.get(nsInstanceId)), headers);
        await services.remove(nsInstanceId);
        return { status: 204 };
      },
    }),
  ];
}

function operations(to: Northbound): readonly Endpoint[] {
  const { services, nowMs } = to;
  /** An operation on a service, answered once it is on disk. */
  const verb = <B extends z.ZodType>(
    name: string,
    summary: string,
    body: B,
    begin: (service: ServiceInstance, request: z.output<B>) => Promise<Operation>,
  ): Endpoint =>
    endpoint({
      method: 'POST',
      path: `${one}/${name}`,
      tag,
      summary,
      params,
      query: NOTHING,
      body,
      answers: { 202: { description: 'Begun: Location names the operation' } },
      handle: async ({
        params: { nsInstanceId },
        body: request,
        caller,
      }: Call<z.output<typeof params>, unknown, z.output<B>>): Promise<Answer> => {
        const service = await services.get(nsInstanceId);
        const operation = await begun(to, caller, begin(service, request));
        return { status: 202, headers: { location: opOccPath(operation.id) } };
      },
    });
  return [
    verb(
      'instantiate',
      'Places and starts its functions',
      InstantiateNsRequestSchema.default({}),
      (service, request) => services.instantiate(service.id, instantiateRequestOf(request)),
    ),
    verb('scale', 'More or fewer units of one of its functions', ScaleNsRequestSchema, (service, request) => {
      const [data] = request.scaleVnfData;
      if (data === undefined) throw new HttpProblem({ status: 400, reason: 'no VNF', hint: 'name one' });
      const { aspectId, numberOfSteps } = data.scaleByStepData ?? {};
      return services.scale(service.id, {
        vnf: findVnf(service, data.vnfInstanceId),
        direction: data.scaleVnfType === 'SCALE_OUT' ? 'out' : 'in',
        ...(aspectId === undefined ? {} : { aspect: aspectId }),
        ...(numberOfSteps === undefined ? {} : { steps: numberOfSteps }),
      });
    }),
    verb('heal', 'Puts new units in the place of others', HealNsRequestSchema, (service, request) =>
      services.heal(service.id, healRequestOf(service, request)),
    ),
    verb('update', 'Other values or another version', AnyUpdateRequestSchema, async (service, request) =>
      services.update(
        service.id,
        await updateRequestOf(service, request, (nsdId) => onboardedNsd(to, nsdId)),
      ),
    ),
    verb(
      'action',
      'Carries a primitive of the descriptor out, as Open Source MANO does',
      NsActionRequestSchema,
      (service, request) => services.action(service.id, actionRequestOf(service, request)),
    ),
    verb('terminate', 'Stops all that runs of it', TerminateNsRequestSchema, (service, request) => {
      const at = request?.terminationTime;
      if (at !== undefined && Date.parse(at) > nowMs()) {
        throw new HttpProblem({
          status: 422,
          reason: 'a termination cannot be put off',
          hint: 'leave terminationTime out, and ask when it is time',
          code: 'NOT_SUPPORTED',
        });
      }
      return services.terminate(service.id, { remove: request?.autoremove === true });
    }),
  ];
}

/** The id in the descriptor of an NSD; by that, or by its resource. @throws NOT_FOUND, or that its package is missing. */
async function onboardedNsd({ packages }: Northbound, nsdId: string): Promise<string> {
  const { resource } = await findListed(await packages.view(), 'nsd', nsdId);
  if (resource.descriptor !== null) return resource.descriptor;
  throw new HttpProblem({
    status: 409,
    reason: `no package has been onboarded for the NSD ${nsdId}`,
    hint: `PUT it to /nsd/v1/ns_descriptors/${nsdId}/nsd_content`,
    code: 'CONFLICT',
  });
}
