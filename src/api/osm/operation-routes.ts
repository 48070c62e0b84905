import { z } from 'zod';
import type { Operation } from '../../protocol/operation-record.ts';
import { OsmIdSchema, OsmOperationSchema } from '../../protocol/osm/answers.ts';
import {
  OsmNsRequestSchema,
  OsmScaleRequestSchema,
  OsmTerminateRequestSchema,
  OsmUpdateRequestSchema,
} from '../../protocol/osm/ns-requests.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import { HealVnfDataSchema, NsActionRequestSchema } from '../../protocol/sol005/nslcm-requests.ts';
import { seenBy } from '../access/seen-by.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { begun, type Northbound } from '../northbound.ts';
import { findVnf } from '../sol005/find-vnf.ts';
import { keyOfOperation } from '../sol005/op-occ-routes.ts';
import { actionRequestOf, healRequestOf } from '../sol005/service-requests-of.ts';
import { instantiateFromOsm } from './instantiate-from-osm.ts';
import { opPath } from './ns-routes.ts';
import { osmOperationView } from './ns-view.ts';
import { OsmQuerySchema, osmFiltered } from './osm-format.ts';

const tag = 'OSM: operations';
const LCM = '/osm/nslcm/v1';
const params = z.object({ id: IdentifierSchema });
/** Newest ones that are told of at once: OSM has no pages. */
const MOST_TOLD = 1000;

const OsmHealRequestSchema = z.strictObject({
  healVnfData: z.array(HealVnfDataSchema).min(1).max(100),
  timeout_ns_heal: z.int().optional(),
});

/** OSM's operations on network services. */
export function osmOperationEndpoints(to: Northbound): readonly Endpoint[] {
  const { services } = to;
  return [
    endpoint({
      method: 'GET',
      path: `${LCM}/ns_lcm_op_occs`,
      tag,
      summary: 'Operations, newest first',
      params: NOTHING,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'Those that fit', schema: z.array(OsmOperationSchema) } },
      handle: async ({ query, caller }) => {
        const sorted = [...(await services.operations())].sort((a, b) =>
          keyOfOperation(a) < keyOfOperation(b) ? -1 : 1,
        );
        return {
          status: 200,
          body: osmFiltered(sorted.map(seenBy(caller).operation).map(osmOperationView), query).slice(
            0,
            MOST_TOLD,
          ),
        };
      },
    }),
    endpoint({
      method: 'GET',
      path: `${LCM}/ns_lcm_op_occs/{id}`,
      tag,
      summary: 'One operation',
      params,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'It', schema: OsmOperationSchema } },
      handle: async ({ params: { id }, caller }) => ({
        status: 200,
        body: osmOperationView(seenBy(caller).operation(await services.operation(id))),
      }),
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
    begin: (service: ServiceInstance, request: z.output<B>) => Promise<Operation>,
  ): Endpoint =>
    endpoint({
      method: 'POST',
      path: `${LCM}/ns_instances/{id}/${name}`,
      tag,
      summary,
      params,
      query: OsmQuerySchema,
      body,
      answers: { 202: { description: 'Begun: the id of the operation', schema: OsmIdSchema } },
      handle: async ({ params: { id }, body: request, caller }) => {
        const operation = await begun(to, caller, begin(await services.get(id), request));
        return { status: 202, body: { id: operation.id }, headers: { location: opPath(operation.id) } };
      },
    });
  return [
    verb('instantiate', 'Places and starts its functions', OsmNsRequestSchema, async (service, request) =>
      services.instantiate(service.id, await instantiateFromOsm(to, service.nsdId, request)),
    ),
    verb(
      'scale',
      'One level more or less of an aspect',
      OsmScaleRequestSchema,
      async (service, { scaleVnfData }) => {
        const { scaleByStepData: by, scaleVnfType } = scaleVnfData;
        return services.scale(service.id, {
          vnf: findVnf(service, by['member-vnf-index']),
          aspect: by['scaling-group-descriptor'],
          direction: scaleVnfType === 'SCALE_OUT' ? 'out' : 'in',
        });
      },
    ),
    verb(
      'heal',
      'Puts new units in the place of others',
      OsmHealRequestSchema,
      async (service, { healVnfData }) => services.heal(service.id, healRequestOf(service, { healVnfData })),
    ),
    verb(
      'update',
      'The new content of its packages',
      OsmUpdateRequestSchema,
      async (service, { changeVnfPackageData }) => {
        findVnf(service, changeVnfPackageData.vnfInstanceId);
        return services.update(service.id, {});
      },
    ),
    verb(
      'action',
      'Carries a primitive of the descriptor out',
      NsActionRequestSchema,
      async (service, request) => services.action(service.id, actionRequestOf(service, request)),
    ),
    verb(
      'terminate',
      'Stops all that runs of it',
      OsmTerminateRequestSchema,
      async (service, { autoremove }) => services.terminate(service.id, { remove: autoremove }),
    ),
  ];
}
