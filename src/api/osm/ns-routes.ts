import { z } from 'zod';
import type { Operation } from '../../protocol/operation-record.ts';
import { OsmIdSchema, OsmNsSchema, OsmVnfSchema } from '../../protocol/osm/answers.ts';
import { type OsmNsRequest, OsmNsRequestSchema } from '../../protocol/osm/ns-requests.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import { findListed, resourceIds } from '../../runtime/packages/package-resources.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';
import { begun, type Northbound } from '../northbound.ts';
import { instantiateFromOsm } from './instantiate-from-osm.ts';
import { osmNsView, osmVnfView } from './ns-view.ts';
import { OsmQuerySchema, osmFiltered } from './osm-format.ts';

const tag = 'OSM: network services';
const LCM = '/osm/nslcm/v1';
const params = z.object({ id: IdentifierSchema });

/** OSM's NS and VNF records. */
export function osmNsEndpoints(to: Northbound): readonly Endpoint[] {
  return [
    ...records(to, `${LCM}/ns_instances_content`),
    ...records(to, `${LCM}/ns_instances`),
    ...creation(to),
    ...vnfs(to, `${LCM}/vnf_instances`),
    ...vnfs(to, `${LCM}/vnfrs`),
  ];
}

function records(to: Northbound, path: string): readonly Endpoint[] {
  const { services, packages } = to;
  return [
    endpoint({
      method: 'GET',
      path,
      tag,
      summary: 'All network services',
      params: NOTHING,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'Those that fit', schema: z.array(OsmNsSchema) } },
      handle: async ({ query }) => {
        const ids = await resourceIds(await packages.view());
        const last = lastOf(await services.operations());
        const all = (await services.list()).map((each) => osmNsView(each, last(each), ids));
        return { status: 200, body: osmFiltered(all, query) };
      },
    }),
    endpoint({
      method: 'GET',
      path: `${path}/{id}`,
      tag,
      summary: 'One network service, by its id or its name',
      params,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'It', schema: OsmNsSchema } },
      handle: async ({ params: { id } }) => {
        const service = await services.get(id);
        const last = lastOf(await services.operations(service.id));
        return {
          status: 200,
          body: osmNsView(service, last(service), await resourceIds(await packages.view())),
        };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: `${path}/{id}`,
      tag,
      summary: 'Stops all that runs of it, and forgets it',
      params,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: {
        202: { description: 'Begun: the id of the operation', schema: z.strictObject({ _id: z.string() }) },
        204: { description: 'It is forgotten: nothing of it ran' },
      },
      handle: async ({ params: { id }, caller }) => {
        const service = await services.get(id);
        if (service.state === 'NOT_INSTANTIATED' && service.operation === null) {
          await services.remove(service.id);
          return { status: 204 };
        }
        const operation = await begun(to, caller, services.terminate(service.id, { remove: true }));
        return { status: 202, body: { _id: operation.id }, headers: { location: opPath(operation.id) } };
      },
    }),
  ];
}

function creation(to: Northbound): readonly Endpoint[] {
  const { services } = to;
  return [
    endpoint({
      method: 'POST',
      path: `${LCM}/ns_instances_content`,
      tag,
      summary: 'Makes a network service and instantiates it',
      params: NOTHING,
      query: OsmQuerySchema,
      body: OsmNsRequestSchema,
      answers: {
        201: {
          description: 'Its id, and that of the operation',
          schema: z.strictObject({ id: z.string(), nslcmop_id: z.string() }),
        },
      },
      handle: async ({ body, caller }) => {
        const nsd = await nsdOf(to, body);
        const request = await instantiateFromOsm(to, nsd, body);
        const { id } = await create(to, nsd, body);
        try {
          const operation = await begun(to, caller, services.instantiate(id, request));
          return { status: 201, body: { id, nslcmop_id: operation.id }, headers: { location: nsPath(id) } };
        } catch (error) {
          // Nobody would know of it.
          await services.remove(id).catch(() => {});
          throw error;
        }
      },
    }),
    endpoint({
      method: 'POST',
      path: `${LCM}/ns_instances`,
      tag,
      summary: 'Names a network service, which is not instantiated yet',
      params: NOTHING,
      query: OsmQuerySchema,
      body: OsmNsRequestSchema,
      answers: { 201: { description: 'Its id', schema: OsmIdSchema } },
      handle: async ({ body }) => {
        const { id } = await create(to, await nsdOf(to, body), body);
        return { status: 201, body: { id }, headers: { location: nsPath(id) } };
      },
    }),
  ];
}

function vnfs({ services, packages }: Northbound, path: string): readonly Endpoint[] {
  const all = async () => {
    const ids = await resourceIds(await packages.view());
    const list = await services.list();
    return list.flatMap((service) => service.shape.vnfs.map((vnf) => osmVnfView(service, vnf, ids)));
  };
  return [
    endpoint({
      method: 'GET',
      path,
      tag,
      summary: 'All VNFs of network services, with their units',
      params: NOTHING,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'Those that fit', schema: z.array(OsmVnfSchema) } },
      handle: async ({ query }) => ({ status: 200, body: osmFiltered(await all(), query) }),
    }),
    endpoint({
      method: 'GET',
      path: `${path}/{id}`,
      tag,
      summary: 'One VNF',
      params,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'It', schema: OsmVnfSchema } },
      handle: async ({ params: { id } }) => {
        const body = (await all()).find(({ _id }) => _id === id);
        if (body !== undefined) return { status: 200, body };
        throw new HttpProblem({
          status: 404,
          reason: `there is no VNF ${id}`,
          hint: `GET ${path} lists them`,
        });
      },
    }),
  ];
}

async function nsdOf({ packages }: Northbound, { nsdId }: OsmNsRequest): Promise<string> {
  const { resource } = await findListed(await packages.view(), 'nsd', nsdId);
  if (resource.descriptor !== null) return resource.descriptor;
  throw new HttpProblem({
    status: 409,
    reason: `nothing has been onboarded for the NSD ${nsdId}`,
    hint: 'send it first',
  });
}

function create(
  { services }: Northbound,
  nsd: string,
  { nsName, nsDescription }: OsmNsRequest,
): Promise<ServiceInstance> {
  return services.create({ name: nsName, nsd, description: nsDescription ?? '' });
}

/** Of each service the operation that is not over, or the last one: operations come newest first. */
function lastOf(operations: readonly Operation[]): (service: ServiceInstance) => Operation | undefined {
  const newest = new Map<string, Operation>();
  for (const each of operations) if (!newest.has(each.service)) newest.set(each.service, each);
  const byId = new Map(operations.map((each) => [each.id, each]));
  return ({ id, operation }) => (operation === null ? undefined : byId.get(operation)) ?? newest.get(id);
}

export function opPath(operation: string): string {
  return `${LCM}/ns_lcm_op_occs/${encodeURIComponent(operation)}`;
}

function nsPath(service: string): string {
  return `${LCM}/ns_instances_content/${encodeURIComponent(service)}`;
}
