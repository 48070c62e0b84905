import { join } from 'node:path';
import type { RunningUnit, UnitState } from '../../ports/infrastructure.ts';
import type { UnitCgroup } from './cgroups.ts';
import { unitKey } from './names.ts';
import type { UnitProgram } from './resolve-image.ts';
import type { UnitRecord } from './unit-record.ts';

/** A unit as its owner knows it while it is there. */
export interface HeldUnit {
  record: UnitRecord;
  readonly program: UnitProgram;
  readonly dir: string;
  readonly cgroup: UnitCgroup;
  state: UnitState;
  reason: string | undefined;
  /** Its owner is ending it: that it ends is no news. */
  stopping: boolean;
  /** How often in a row it has not been healthy, and when it was asked last (`performance.now`). */
  complaints: number;
  askedAtMs: number;
}

export const unitDirectory = (stateDir: string, unit: string): string => join(stateDir, 'run', unitKey(unit));

/** What others are told of it. */
export function tellUnit({ record, state, reason }: HeldUnit): RunningUnit {
  const { id, service, host } = record.order;
  return {
    id,
    service,
    host,
    state,
    addresses: Object.fromEntries(record.interfaces.map(({ name, address }) => [name, address])),
    ...(reason === undefined ? {} : { reason }),
  };
}
