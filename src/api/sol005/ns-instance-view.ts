import type { DescriptorKind } from '../../protocol/descriptors.ts';
import type { ServiceInstance, VnfRecord } from '../../protocol/service-record.ts';
import type { NsInstance } from '../../protocol/sol005/nslcm-answers.ts';
import { vnfInstanceId } from './find-vnf.ts';

export const NS_INSTANCES = '/nslcm/v1/ns_instances';
export const OP_OCCS = '/nslcm/v1/ns_lcm_op_occs';

export type ResourceIds = (kind: DescriptorKind, descriptorId: string) => string;

export function dateTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** A service as SOL005 shows it. */
export function nsInstanceView(service: ServiceInstance, ids: ResourceIds): NsInstance {
  const self = `${NS_INSTANCES}/${encodeURIComponent(service.id)}`;
  const verbs =
    service.state === 'INSTANTIATED' ? ['terminate', 'scale', 'heal', 'update', 'action'] : ['instantiate'];
  return {
    id: service.id,
    nsInstanceName: service.name,
    nsInstanceDescription: service.description,
    nsdId: service.nsdId,
    nsdInfoId: ids('nsd', service.nsdId),
    flavourId: service.flavour,
    vnfInstance: service.shape.vnfs.map((vnf) => vnfInstanceView(service, vnf, ids)),
    nsState: service.state,
    _links: {
      self: { href: self },
      nsd: { href: `/nsd/v1/ns_descriptors/${ids('nsd', service.nsdId)}` },
      ...Object.fromEntries(verbs.map((verb) => [verb, { href: `${self}/${verb}` }])),
      ...(service.operation === null
        ? {}
        : { nsLcmOpOcc: { href: `${OP_OCCS}/${encodeURIComponent(service.operation)}` } }),
    },
    musterService: service,
  };
}

export function vnfInstanceView(service: ServiceInstance, vnf: VnfRecord, ids: ResourceIds) {
  const units = service.shape.units.filter((unit) => unit.vnf === vnf.id);
  return {
    id: vnfInstanceId(service, vnf),
    vnfInstanceName: vnf.id,
    vnfProfileId: vnf.member,
    vnfdId: vnf.vnfdId,
    vnfPkgId: ids('vnfd', vnf.vnfdId),
    instantiationState: vnf.state,
    ...(vnf.state === 'NOT_INSTANTIATED'
      ? {}
      : {
          instantiatedVnfInfo: {
            flavourId: vnf.flavour,
            vnfState: vnf.operational,
            scaleStatus: Object.entries(vnf.levels).map(([aspectId, scaleLevel]) => ({
              aspectId,
              scaleLevel,
            })),
            vnfcResourceInfo: units.map((unit) => ({
              id: unit.id,
              vduId: unit.vdu,
              vimConnectionId: unit.site,
              zoneId: unit.host,
              state: unit.state,
              addresses: unit.addresses,
              reason: unit.reason,
            })),
          },
        }),
  };
}
