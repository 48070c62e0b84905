import type { Clock } from './clock.ts';

/** A clock that a run can be driven on: virtual time is run through, real time is waited for. */
export interface DrivenClock extends Clock {
  /** Resolves once the clock has reached `ms` and everything due by then has run. */
  passUntil(ms: number): Promise<void>;
  /** From now on it is `ms` on this clock (real clocks only move forward; virtual ones jump). */
  setNow(ms: number): void;
  /** Forgets everything that was still due: the run is over. */
  close(): void;
}
