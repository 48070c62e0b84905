import { USUAL_GRACE_MS } from '../../core/lifecycle/partition.ts';
import { NO_MARKS } from '../../core/lifecycle/step-records.ts';
import { NO_SHAPE } from '../../core/service-plan/no-shape.ts';
import { nsdIdOf } from '../../core/service-plan/nsd-id.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';

/** A service that is only asked for so far. */
export function newService(wanted: ServiceFile, flavour: string, id: string, nowMs: number): ServiceInstance {
  return {
    format: 1,
    id,
    revision: 0,
    name: wanted.name,
    description: wanted.description ?? '',
    nsdId: nsdIdOf(wanted),
    flavour,
    state: 'NOT_INSTANTIATED',
    wanted,
    onPartition: wanted.onPartition ?? 'move',
    partitionGraceMs: wanted.partitionGraceMs ?? USUAL_GRACE_MS,
    packages: {},
    held: [],
    shape: NO_SHAPE,
    marks: NO_MARKS,
    nextIndex: {},
    operation: null,
    notes: [],
    alarms: [],
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}
