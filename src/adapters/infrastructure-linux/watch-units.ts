import type { HeldUnit } from './held-unit.ts';
import { isAlive } from './process-identity.ts';
import { endOf } from './unit-files.ts';
import { examine } from './unit-life.ts';

/** How often it is looked whether the processes are there: a killed function is to be known of soon. */
const LOOK_MS = 100;
/** One answer that does not come may be a busy machine. */
const COMPLAINTS = 3;

/** Looks after units that run, whoever started them; tells when one ends, or is not healthy, or is again. Answers how to stop. */
export function watchUnits(
  units: () => readonly HeldUnit[],
  healthPeriodMs: number,
  tell: (unit: HeldUnit) => void,
): () => void {
  const asking = new Set<HeldUnit>();
  const set = (unit: HeldUnit, state: 'running' | 'failed', reason: string | undefined) => {
    unit.state = state;
    unit.reason = reason;
    tell(unit);
  };
  const ask = async (unit: HeldUnit) => {
    asking.add(unit);
    unit.askedAtMs = performance.now();
    try {
      const complaint = await examine(unit).catch((error: unknown) => String(error));
      const ended = unit.record.process === undefined || !isAlive(unit.record.process);
      if (unit.stopping || unit.state === 'starting' || ended) return;
      unit.complaints = complaint === undefined ? 0 : unit.complaints + 1;
      if (unit.state === 'running' && complaint !== undefined && unit.complaints >= COMPLAINTS)
        set(unit, 'failed', complaint);
      else if (unit.state === 'failed' && complaint === undefined) set(unit, 'running', undefined);
    } finally {
      asking.delete(unit);
    }
  };
  const look = () => {
    const now = performance.now();
    for (const unit of units()) {
      const { process, fenced } = unit.record;
      if (unit.stopping || unit.state === 'starting' || process === undefined || fenced === true) continue;
      if (!isAlive(process)) {
        if (unit.state === 'running') set(unit, 'failed', endOf(unit.dir));
        continue;
      }
      if (!asking.has(unit) && now - unit.askedAtMs >= healthPeriodMs) void ask(unit);
    }
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
