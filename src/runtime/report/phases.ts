import type { Report } from '../../protocol/report.ts';
import type { Interval } from './recording.ts';

/** Length of the window before the attack. */
export const BEFORE_MS = 5000;
/** Users need this long after the last block to come back before `after` begins. */
export const SETTLE_MS = 3000;
/** A shorter `after` says too little: it is null then. */
export const AFTER_AT_LEAST_MS = 15_000;

/** The windows over which goodput is compared; null where one does not apply. */
export interface Phases {
  readonly before: Interval | null;
  readonly during: Interval | null;
  readonly limited: Interval | null;
  readonly after: Interval | null;
}

function window(startMs: number, endMs: number): Interval | null {
  return endMs > startMs ? { startMs, endMs } : null;
}

/**
 * The phases of an attack: before = the 5 s before its first packet (less when the scenario had not run so long),
 * during = from that packet until all sources are blocked or the attack ends, limited = the part of it from the first
 * target limit on, after = from 3 s after the last block until the attack ends, if that is 15 s or more.
 */
export function attackPhases(attack: Report['attack'], mitigation: Report['mitigation']): Phases {
  const { startMs, endMs } = attack;
  if (startMs === null || endMs === null) return { before: null, during: null, limited: null, after: null };
  const { allSourcesBlockedMs, firstTargetLimitMs } = mitigation;
  const duringEndMs = Math.min(endMs, allSourcesBlockedMs ?? endMs);
  const afterStartMs =
    allSourcesBlockedMs === null ? null : Math.max(startMs, allSourcesBlockedMs) + SETTLE_MS;
  return {
    before: window(Math.max(0, startMs - BEFORE_MS), startMs),
    during: window(startMs, duringEndMs),
    limited: firstTargetLimitMs === null ? null : window(Math.max(startMs, firstTargetLimitMs), duringEndMs),
    after:
      afterStartMs !== null && endMs - afterStartMs >= AFTER_AT_LEAST_MS ? window(afterStartMs, endMs) : null,
  };
}
