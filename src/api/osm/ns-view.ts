import { z } from 'zod';
import type { Operation, OperationKind } from '../../protocol/operation-record.ts';
import type { OsmNsSchema, OsmOperationSchema, OsmVnfSchema } from '../../protocol/osm/answers.ts';
import type { ServiceInstance, UnitRecord, VnfRecord } from '../../protocol/service-record.ts';
import { vnfInstanceId } from '../sol005/find-vnf.ts';
import type { ResourceIds } from '../sol005/ns-instance-view.ts';
import { operationProblem } from '../sol005/op-occ-view.ts';
import { seconds } from './osm-format.ts';
import { vimAccountId } from './vim-accounts.ts';

type OsmNs = z.output<typeof OsmNsSchema>;

/** What OSM says while an operation goes on. */
const GOING_ON: Readonly<
  Record<OperationKind, readonly [operation: string, status: OsmNs['operational-status']]>
> = {
  instantiate: ['INSTANTIATING', 'init'],
  scale: ['SCALING', 'scaling'],
  heal: ['HEALING', 'healing'],
  migrate: ['MIGRATING', 'running'],
  update: ['UPDATING', 'running'],
  action: ['RUNNING ACTION', 'running'],
  terminate: ['TERMINATING', 'terminating'],
};

/** A service as OSM's NS record. `operation`: the one that is not over, or the last one. */
export function osmNsView(
  service: ServiceInstance,
  operation: Operation | undefined,
  ids: ResourceIds,
): OsmNs {
  const nsd = ids('nsd', service.nsdId);
  const current = operation?.id === service.operation ? operation : undefined;
  const waits = current?.state === 'FAILED_TEMP';
  const broken = waits || operation?.state === 'FAILED';
  const [name, status] =
    current === undefined || waits ? (['IDLE', undefined] as const) : GOING_ON[current.params.kind];
  const instantiated = service.state === 'INSTANTIATED';
  const problem = broken && operation !== undefined ? operationProblem(operation) : undefined;
  return {
    _id: service.id,
    id: service.id,
    name: service.name,
    'name-ref': service.name,
    'short-name': service.name,
    description: service.description,
    nsdId: nsd,
    'nsd-id': nsd,
    'nsd-ref': service.nsdId,
    'nsd-name-ref': service.nsdId,
    'constituent-vnfr-ref': service.shape.vnfs.map((vnf) => vnfInstanceId(service, vnf)),
    nsState: broken
      ? 'BROKEN'
      : status === 'init'
        ? 'BUILDING'
        : instantiated
          ? 'READY'
          : operation?.params.kind === 'terminate'
            ? 'TERMINATED'
            : 'NOT_INSTANTIATED',
    currentOperation: name,
    currentOperationID: current?.id ?? null,
    errorDescription: problem?.reason ?? null,
    errorDetail: problem?.detail ?? null,
    'operational-status':
      status ??
      (broken
        ? 'failed'
        : instantiated
          ? 'running'
          : operation?.params.kind === 'terminate'
            ? 'terminated'
            : 'init'),
    'config-status': broken ? 'failed' : instantiated && status === undefined ? 'configured' : 'init',
    'detailed-status': problem?.detail ?? service.notes.join('; '),
    _admin: {
      created: seconds(service.createdAtMs),
      modified: seconds(service.updatedAtMs),
      nsState: service.state,
    },
  };
}

const ParamsSchema = z.record(z.string(), z.unknown());

/** An operation as OSM's `nslcmop`. */
export function osmOperationView(operation: Operation): z.output<typeof OsmOperationSchema> {
  const problem = operationProblem(operation);
  const step = operation.steps.find(({ state }) => state === 'doing' || state === 'undoing');
  const done = operation.steps.filter(({ state }) => state === 'done').length;
  const outputs = operation.outputs.map(({ unit, output }) => `${unit}: ${output}`).join('\n');
  const over = operation.state === 'COMPLETED' ? 'Done' : (step?.about ?? '');
  const status = problem?.detail ?? (outputs === '' ? over : outputs);
  return {
    _id: operation.id,
    id: operation.id,
    operationState: operation.state,
    queuePosition: 0,
    stage: step === undefined ? '' : `step ${done + 1} of ${operation.steps.length}: ${step.about}`,
    errorMessage: problem?.reason ?? null,
    detailedStatus: status,
    'detailed-status': status,
    statusEnteredTime: seconds(operation.enteredAtMs),
    nsInstanceId: operation.service,
    lcmOperationType: operation.params.kind,
    startTime: seconds(operation.startedAtMs),
    isAutomaticInvocation: operation.automatic,
    isCancelPending: operation.cancelPending,
    operationParams: ParamsSchema.parse(JSON.parse(JSON.stringify(operation.params))),
    links: {
      self: `/osm/nslcm/v1/ns_lcm_op_occs/${encodeURIComponent(operation.id)}`,
      nsInstance: `/osm/nslcm/v1/ns_instances/${encodeURIComponent(operation.service)}`,
    },
    _admin: { created: seconds(operation.startedAtMs), modified: seconds(operation.enteredAtMs) },
  };
}

const UNIT_STATUS = { ordered: 'BUILD', running: 'ACTIVE', failed: 'ERROR', stopping: 'DELETED' } as const;

/** A VNF as OSM's VNF record, its units as `vdur`. */
export function osmVnfView(
  service: ServiceInstance,
  vnf: VnfRecord,
  ids: ResourceIds,
): z.output<typeof OsmVnfSchema> {
  const units = service.shape.units.filter((unit) => unit.vnf === vnf.id);
  const id = vnfInstanceId(service, vnf);
  const site = units.find((unit) => unit.site !== null)?.site;
  return {
    _id: id,
    id,
    'nsr-id-ref': service.id,
    'member-vnf-index-ref': vnf.id,
    'vnfd-ref': vnf.vnfdId,
    'vnfd-id': ids('vnfd', vnf.vnfdId),
    'vim-account-id': vimAccountId(site ?? 'muster'),
    'ip-address': addressOf(units),
    vdur: units.map((unit) => ({
      _id: unit.id,
      'vdu-id-ref': unit.vdu,
      'count-index': countIndex(units, unit),
      name: unit.id,
      'vim-id': unit.host,
      status: UNIT_STATUS[unit.state],
      'status-detailed': unit.reason,
      'ip-address': addressOf([unit]),
      interfaces: Object.entries(unit.addresses).map(([name, address]) => ({ name, 'ip-address': address })),
    })),
    _admin: {
      created: seconds(service.createdAtMs),
      modified: seconds(service.updatedAtMs),
      nsState: vnf.state,
    },
  };
}

function addressOf(units: readonly UnitRecord[]): string | null {
  return units.flatMap(({ addresses }) => Object.values(addresses))[0] ?? null;
}

/** Its place among the units of its VDU: OSM counts them from 0. */
function countIndex(units: readonly UnitRecord[], { vdu, index }: UnitRecord): number {
  return units.filter((unit) => unit.vdu === vdu && unit.index < index).length;
}
