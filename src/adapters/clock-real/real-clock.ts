import type { DrivenClock } from '../../ports/drive.ts';

/** Its zero is an instant of the machine's monotonic clock, ns: processes of one machine can share it. */
export interface RealClock extends DrivenClock {
  zeroNs(): bigint;
  setZeroNs(zeroNs: bigint): void;
}

/** The clock of the wall, in ms from a zero that can be moved forward: time 0 of a scenario comes when all is ready. */
export function createRealClock(options: { readonly startAtMs: number }): RealClock {
  const zeroFor = (ms: number) => process.hrtime.bigint() - BigInt(Math.round(ms * 1e6));
  let zero = zeroFor(options.startAtMs);
  const nowMs = () => Number(process.hrtime.bigint() - zero) / 1e6;
  const pending = new Set<NodeJS.Timeout>();
  const soon = new Set<NodeJS.Immediate>();
  // A timer takes a millisecond at least: what is due already does not wait for one.
  const atOnce = (callback: () => void) => {
    const turn = setImmediate(() => {
      soon.delete(turn);
      callback();
    });
    soon.add(turn);
    return {
      cancel: () => {
        soon.delete(turn);
        clearImmediate(turn);
      },
    };
  };
  let closed = false;
  return {
    nowMs: () => Math.round(nowMs()),
    at: (atMs, callback) => {
      if (closed) return { cancel: () => {} };
      const inMs = atMs - nowMs();
      // As the clock tells the time: rounded.
      if (inMs <= 0.5) return atOnce(callback);
      const timer = setTimeout(() => {
        pending.delete(timer);
        callback();
      }, inMs);
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
      for (const turn of soon) clearImmediate(turn);
      pending.clear();
      soon.clear();
    },
    setNow: (ms) => {
      if (ms > nowMs()) zero = zeroFor(ms);
    },
    zeroNs: () => zero,
    setZeroNs: (zeroNs) => {
      zero = zeroNs;
    },
  };
}
