import { advance, nextMove, whyNoRollback } from '../../core/lifecycle/operation-machine.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance, UnitRecord } from '../../protocol/service-record.ts';
import { inBounds } from './in-bounds.ts';
import type { Misfit } from './placer.ts';

/** A service that goes on where it runs without being booked there. */
export interface Unbooked {
  readonly service: string;
  readonly reason: string;
  /** Ids of its units that are not booked: those that take their places are. */
  readonly units: readonly string[];
}

/** Says which services could not be booked where they run, and what can be done; answers those that stay all the same. */
export function reportMisfits(
  misfits: readonly Misfit[],
  services: readonly ServiceInstance[],
  onTrouble: (text: string) => void,
): readonly Unbooked[] {
  return misfits.flatMap(({ service, reason, mustLeave }) => {
    const { name = service, shape } = services.find(({ id }) => id === service) ?? {};
    const mend = mustLeave
      ? 'its units are healed to where there is room; or start with hosts that have it'
      : UNBOOKED_MEND;
    onTrouble(`${name} cannot be booked where it runs: ${reason}; ${mend}`);
    return mustLeave ? [] : [{ service, reason, units: (shape?.units ?? []).map(({ id }) => id) }];
  });
}

export const UNBOOKED_MEND = 'it runs on without: start again, or muster service heal books its units anew';

/** It runs where others have the room: it counts as failed, and is healed to where there is some. */
export function withoutRoom(unit: UnitRecord, { reason }: Misfit): UnitRecord {
  const why = `there is no room for it on ${unit.host ?? 'its host'} any more: ${reason}`;
  return { ...unit, state: 'failed', reason: inBounds(why) };
}

/** What an operation had booked is not booked any more: it is undone where it can be. Undefined: it goes on as it is. */
export function backToUnplaced(
  operation: Operation | undefined,
  { reason }: Misfit,
  nowMs: number,
): Operation | undefined {
  if (operation?.state !== 'PROCESSING' || operation.placement === null) return undefined;
  const move = nextMove(operation);
  if (move.kind !== 'do' || whyNoRollback(operation) !== undefined) return undefined;
  const message = `what it had booked is lost: ${reason}`;
  const undone = advance(
    { ...operation, onFailure: 'rollback', cancelPending: false },
    { kind: 'step-failed', step: move.step, message, mend: 'ask for it again' },
    nowMs,
  );
  return undone.ok ? undone.operation : undefined;
}
