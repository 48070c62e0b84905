import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { NsInstance, NsLcmOpOcc } from '../../protocol/sol005.ts';
import { isOver, whyNoRollback } from './operation-machine.ts';

/** Paths of SOL005's life cycle management, below its root. */
export const NS_INSTANCES = '/nslcm/v1/ns_instances';
export const NS_LCM_OP_OCCS = '/nslcm/v1/ns_lcm_op_occs';

/** A service as SOL005 tells it; its links are what can be done with it now. `root`: what stands before the paths. */
export function nsInstanceView(service: ServiceInstance, root = ''): NsInstance {
  const self = `${root}${NS_INSTANCES}/${encodeURIComponent(service.id)}`;
  const verbs =
    service.state === 'INSTANTIATED' ? ['terminate', 'scale', 'heal', 'update', 'action'] : ['instantiate'];
  const possible = service.operation === null ? verbs : [];
  return {
    id: service.id,
    nsInstanceName: service.name,
    nsInstanceDescription: service.description,
    nsdId: service.nsdId,
    nsdInfoId: service.nsdId,
    flavourId: service.flavour,
    nsState: service.state,
    vnfInstance: service.shape.vnfs.map(({ id, vnfdId, state }) => ({
      id,
      vnfInstanceName: id,
      vnfdId,
      instantiationState: state,
    })),
    _links: {
      self: { href: self },
      ...Object.fromEntries(possible.map((verb) => [verb, { href: `${self}/${verb}` }])),
    },
    musterService: service,
  };
}

/** An operation as SOL005 tells it; its links are what can be done about it now. `isoTime` writes a time in ms as ISO 8601. */
export function nsLcmOpOccView(operation: Operation, isoTime: (ms: number) => string, root = ''): NsLcmOpOcc {
  const { params, state, errors } = operation;
  const self = `${root}${NS_LCM_OP_OCCS}/${encodeURIComponent(operation.id)}`;
  const failed = errors.findLast(({ severity }) => severity === 'error');
  const unhappy = state !== 'PROCESSING' && state !== 'COMPLETED' && state !== 'PARTIALLY_COMPLETED';
  const rollback = whyNoRollback(operation) === undefined ? ['rollback'] : [];
  const verbs = state === 'FAILED_TEMP' ? ['retry', 'fail', ...rollback] : isOver(state) ? [] : ['cancel'];
  return {
    id: operation.id,
    operationState: state,
    stateEnteredTime: isoTime(operation.enteredAtMs),
    startTime: isoTime(operation.startedAtMs),
    nsInstanceId: operation.service,
    lcmOperationType: TYPES[params.kind],
    isAutomaticInvocation: operation.automatic,
    isCancelPending: operation.cancelPending,
    operationParams: params,
    ...(failed === undefined || !unhappy
      ? {}
      : {
          error: {
            status: 500,
            title: failed.step ?? 'cancelled',
            detail: failed.message,
            hint: failed.mend,
          },
        }),
    _links: {
      self: { href: self },
      nsInstance: { href: `${root}${NS_INSTANCES}/${encodeURIComponent(operation.service)}` },
      ...Object.fromEntries(verbs.map((verb) => [verb, { href: `${self}/${verb}` }])),
    },
    musterOperation: operation,
  };
}

const TYPES = {
  instantiate: 'INSTANTIATE',
  scale: 'SCALE',
  heal: 'HEAL',
  update: 'UPDATE',
  terminate: 'TERMINATE',
  action: 'ACTION',
} as const;
