import { performance } from 'node:perf_hooks';
import type { DrivenClock } from '../../ports/drive.ts';

/** The clock of the wall, in ms from a zero that can be moved forward: time 0 of a scenario comes when all is ready. */
export function createRealClock(options: { readonly startAtMs: number }): DrivenClock {
  let zero = performance.now() - options.startAtMs;
  const nowMs = () => performance.now() - zero;
  const pending = new Set<NodeJS.Timeout>();
  let closed = false;
  return {
    nowMs: () => Math.round(nowMs()),
    at: (atMs, callback) => {
      if (closed) return { cancel: () => {} };
      const timer = setTimeout(
        () => {
          pending.delete(timer);
          callback();
        },
        Math.max(0, atMs - nowMs()),
      );
      pending.add(timer);
      return {
        cancel: () => {
          pending.delete(timer);
          clearTimeout(timer);
        },
      };
    },
    passUntil: (ms) =>
      new Promise((resolve) => {
        setTimeout(resolve, Math.max(0, Math.ceil(ms - nowMs())));
      }),
    close: () => {
      closed = true;
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
    setNow: (ms) => {
      if (ms > nowMs()) zero = performance.now() - ms;
    },
  };
}
