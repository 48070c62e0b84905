import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type {
  ActionRequest,
  HealRequest,
  InstantiateRequest,
  UpdateRequest,
} from '../../protocol/service-requests.ts';
import type { KeyValuePairs } from '../../protocol/sol005/common.ts';
import type {
  AnyUpdateRequest,
  HealNsRequest,
  HealVnfData,
  InstantiateNsRequest,
  NsActionRequest,
} from '../../protocol/sol005/nslcm-requests.ts';
import { HttpProblem } from '../http/http-problem.ts';
import { findVnf } from './find-vnf.ts';

/** SOL005's InstantiateNsRequest in our words. */
export function instantiateRequestOf(request: InstantiateNsRequest): InstantiateRequest {
  const members: Record<string, { sites?: string[]; parameters?: KeyValuePairs }> = {};
  for (const { vnfProfileId, sites } of request.locationConstraints ?? []) {
    members[vnfProfileId] = { ...members[vnfProfileId], sites };
  }
  for (const { vnfProfileId, additionalParams } of request.additionalParamsForVnf ?? []) {
    if (additionalParams === undefined) continue;
    members[vnfProfileId] = { ...members[vnfProfileId], parameters: additionalParams };
  }
  return {
    ...(request.nsFlavourId === undefined ? {} : { flavour: request.nsFlavourId }),
    ...(request.additionalParamsForNs === undefined ? {} : { parameters: request.additionalParamsForNs }),
    ...(Object.keys(members).length === 0 ? {} : { members }),
  };
}

/** One VNF is healed by its name, several by their units. */
export function healRequestOf(service: ServiceInstance, { healVnfData }: HealNsRequest): HealRequest {
  const [only, ...others] = healVnfData ?? [];
  if (only === undefined) return {};
  const { units, vdu } = only.additionalParams ?? {};
  const listed = Array.isArray(vdu) ? vdu : undefined;
  const day1 = only.additionalParams?.['run-day1'] ?? listed?.[0]?.['run-day1'];
  const common = {
    ...(only.cause === undefined ? {} : { cause: only.cause }),
    ...(day1 === undefined ? {} : { day1 }),
  };
  if (others.length > 0 || listed !== undefined) {
    return { ...common, units: (healVnfData ?? []).flatMap((each) => unitsOf(service, each)) };
  }
  return {
    ...common,
    ...(only.vnfInstanceId === undefined ? {} : { vnf: findVnf(service, only.vnfInstanceId) }),
    ...(typeof vdu === 'string' ? { vdu } : {}),
    ...(units === undefined ? {} : { units }),
  };
}

function unitsOf(
  service: ServiceInstance,
  { vnfInstanceId, additionalParams }: HealVnfData,
): readonly string[] {
  if (vnfInstanceId === undefined) {
    throw new HttpProblem({
      status: 400,
      reason: 'a vnfInstanceId is missing',
      hint: 'name the VNF of each',
    });
  }
  const vnf = findVnf(service, vnfInstanceId);
  const own = service.shape.units.filter((unit) => unit.vnf === vnf);
  const vdus = additionalParams?.vdu;
  if (vdus === undefined) return additionalParams?.units ?? own.map(({ id }) => id);
  const wanted = typeof vdus === 'string' ? [{ 'vdu-id': vdus }] : vdus;
  return wanted.flatMap((vdu) => {
    const count = 'count-index' in vdu ? vdu['count-index'] : undefined;
    const found = unitsOfVdu(own, vdu['vdu-id'], count);
    if (found.length > 0) return found.map(({ id }) => id);
    throw new HttpProblem({
      status: 404,
      reason: `${vnf} has no unit of ${vdu['vdu-id'].slice(0, 100)} with that count-index`,
      hint: `it has ${own
        .map((unit) => unit.id)
        .slice(0, 20)
        .join(', ')}`,
      code: 'NOT_FOUND',
    });
  });
}

/** Units of a VDU; `count` is the place of one among them, since units that are replaced get new numbers. */
function unitsOfVdu<T extends { readonly vdu: string; readonly index: number }>(
  units: readonly T[],
  vdu: string,
  count: number | undefined,
): readonly T[] {
  const own = units.filter((unit) => unit.vdu === vdu).toSorted((a, b) => a.index - b.index);
  return count === undefined ? own : own.slice(count, count + 1);
}

/**
 * What is wanted from now on: as it was wanted last, with what the request changes. `nsdIdOf`: the id in the descriptor that a resource
 * stands for.
 */
export async function updateRequestOf(
  service: ServiceInstance,
  request: AnyUpdateRequest,
  nsdIdOf: (resource: string) => Promise<string>,
): Promise<UpdateRequest> {
  if (!('updateType' in request)) return request;
  switch (request.updateType) {
    case 'ASSOC_NEW_NSD_VERSION':
      return { file: afterNsd(service, await nsdIdOf(request.assocNewNsdVersionData.newNsdId)) };
    case 'MODIFY_VNF_INFORMATION':
      return { file: withParameters(service, request.modifyVnfInfoData) };
    default:
      return request satisfies never;
  }
}

function afterNsd({ name, wanted }: ServiceInstance, nsd: string): ServiceFile {
  if ('nsd' in wanted) return { ...wanted, nsd };
  throw new HttpProblem({
    status: 409,
    reason: `${name} has been asked for by its functions, and has no NSD of which there could be another version`,
    hint: 'POST /v1/services/apply with other functions',
    code: 'CONFLICT',
  });
}

function withParameters(
  service: ServiceInstance,
  changes: readonly { readonly vnfInstanceId: string; readonly vnfConfigurableProperties: KeyValuePairs }[],
): ServiceFile {
  const members = { ...service.wanted.members };
  for (const { vnfInstanceId, vnfConfigurableProperties } of changes) {
    const vnf = findVnf(service, vnfInstanceId);
    const member = service.shape.vnfs.find(({ id }) => id === vnf)?.member ?? vnf;
    const values = Object.entries(vnfConfigurableProperties).map(([name, value]) => [name, String(value)]);
    const before = members[member];
    members[member] = { ...before, parameters: { ...before?.parameters, ...Object.fromEntries(values) } };
  }
  return { ...service.wanted, members };
}

/** OSM's `action` in our words. */
export function actionRequestOf(service: ServiceInstance, request: NsActionRequest): ActionRequest {
  const vnf = findVnf(service, request.member_vnf_index ?? request.vnf_member_index ?? '');
  const { vdu_id: vdu, vdu_count_index: count, timeout_ns_action: timeoutS, unit: named } = request;
  const units = service.shape.units.filter((unit) => unit.vnf === vnf);
  const [unit] = vdu === undefined || count === undefined ? [] : unitsOfVdu(units, vdu, Number(count));
  return {
    vnf,
    primitive: request.primitive,
    parameters: request.primitive_params,
    ...(vdu === undefined ? {} : { vdu }),
    ...(named === undefined && unit === undefined ? {} : { unit: named ?? unit?.id }),
    ...(timeoutS === undefined ? {} : { timeoutMs: Math.round(timeoutS * 1000) }),
  };
}
