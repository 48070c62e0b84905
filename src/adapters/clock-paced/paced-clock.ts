import type { DrivenClock } from '../../ports/drive.ts';
import { createRealClock } from '../clock-real/real-clock.ts';
import { createVirtualClock } from '../clock-virtual/virtual-clock.ts';

/** How far the simulation may lag behind the wall, ms. */
const STEP_MS = 2;

export interface PacedClock extends DrivenClock {
  /** The instant of the machine's monotonic clock at which it is 0 here, ns. */
  zeroNs(): bigint;
}

/** A virtual clock that keeps step with the wall: for the twin when agents live in processes of their own. */
export function createPacedClock(options: { readonly startAtMs: number }): PacedClock {
  const wall = createRealClock(options);
  const virtual = createVirtualClock(options);
  const catchUp = (untilMs: number) => virtual.runUntil(Math.min(untilMs, wall.nowMs()));
  return {
    nowMs: () => virtual.nowMs(),
    at: (atMs, callback) => virtual.at(atMs, callback),
    passUntil: async (ms) => {
      catchUp(ms);
      while (virtual.nowMs() < ms) {
        await new Promise((resolve) => {
          setTimeout(resolve, STEP_MS);
        });
        catchUp(ms);
      }
    },
    setNow: (ms) => {
      wall.setNow(ms);
      virtual.setNow(ms);
    },
    close: () => {
      wall.close();
      virtual.close();
    },
    zeroNs: () => wall.zeroNs(),
  };
}
