/** Readings of a cumulative counter over the last window. Plain data. */
export interface RateState {
  readonly samples: readonly { readonly atMs: number; readonly offeredBytes: number }[];
}

export const emptyRate: RateState = { samples: [] };

/** A rate over less than this says nothing. */
const MIN_SPAN_MS = 80;
/** Over-usage ends below this share of the threshold, so that it does not flicker. */
const CLEARS_AT = 0.8;

/** Takes a reading in and answers the rate over the window, bytes per second; 0 until two readings are apart enough. */
export function observeRate(
  state: RateState,
  offeredBytes: number,
  nowMs: number,
  windowMs = 300,
): { readonly state: RateState; readonly rateBytesPerSec: number } {
  const last = state.samples.at(-1);
  // A counter that went back was started anew: what was read before does not count.
  const kept = last !== undefined && offeredBytes < last.offeredBytes ? [] : state.samples;
  const fresh = kept.filter((each) => each.atMs >= nowMs - windowMs - 1 && each.atMs < nowMs);
  const samples = [...fresh, { atMs: nowMs, offeredBytes }];
  const first = samples[0];
  const spanMs = first === undefined ? 0 : nowMs - first.atMs;
  const rateBytesPerSec =
    first === undefined || spanMs < MIN_SPAN_MS ? 0 : ((offeredBytes - first.offeredBytes) * 1000) / spanMs;
  return { state: { samples }, rateBytesPerSec };
}

/** Whether a link is overused, with hysteresis. */
export function overThreshold(
  rateBytesPerSec: number,
  thresholdBytesPerSec: number,
  wasOver: boolean,
): boolean {
  return rateBytesPerSec > thresholdBytesPerSec * (wasOver ? CLEARS_AT : 1);
}
