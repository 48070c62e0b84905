import { Agenda } from '../../core/bdi/agenda.ts';
import type { Timer } from '../../ports/clock.ts';
import type { DrivenClock } from '../../ports/drive.ts';

interface Due {
  readonly callback: () => void;
  cancelled: boolean;
}

/** A clock that moves only when it is driven: from one callback to the next, in order of time and then of asking. */
export interface VirtualClock extends DrivenClock {
  /** Runs everything that is due up to and including `ms`, and stands at `ms` then. */
  runUntil(ms: number): void;
}

export function createVirtualClock(options: { readonly startAtMs: number }): VirtualClock {
  const due = new Agenda<Due & { readonly atMs: number }>();
  let nowMs = options.startAtMs;
  const clock: VirtualClock = {
    nowMs: () => nowMs,
    at: (atMs, callback): Timer => {
      const entry = { atMs: Math.max(atMs, nowMs), callback, cancelled: false };
      due.push(entry.atMs, entry);
      return {
        cancel: () => {
          entry.cancelled = true;
        },
      };
    },
    runUntil: (ms) => {
      while (due.peekRank() <= ms) {
        const entry = due.pop();
        if (entry === undefined) break;
        if (entry.cancelled) continue;
        nowMs = Math.max(nowMs, entry.atMs);
        entry.callback();
      }
      nowMs = Math.max(nowMs, ms);
    },
    // Work begun by promises (they take no virtual time) is let finish before and after.
    passUntil: async (ms) => {
      await Promise.resolve();
      clock.runUntil(ms);
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    },
    setNow: (ms) => clock.runUntil(ms),
    close: () => {
      while (due.pop() !== undefined);
    },
  };
  return clock;
}
