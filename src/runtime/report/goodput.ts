import type { RequestRecord } from '../../ports/testbed.ts';
import type { Interval } from './recording.ts';

/**
 * Bytes per second of goodput in a window: body bytes of the requests that ended in time.
 *
 * The bytes of a request are spread evenly from its start to its end, and the part inside the window counts. Credited at
 * the end alone, a 100 kB video chunk that took 1.9 s would fall wholly into a window that begins just before its end:
 * a window of a second could then show more than the link can carry, or nothing. Spread, a window is never credited
 * with bytes that were under way before it, and neighbouring windows add up to the whole.
 */
export function goodputIn(requests: readonly RequestRecord[], { startMs, endMs }: Interval): number {
  if (endMs <= startMs) return 0;
  let bytes = 0;
  for (const request of requests) if (request.inTime) bytes += bytesWithin(request, startMs, endMs);
  return (bytes * 1000) / (endMs - startMs);
}

/** Bytes of one request that fall into [startMs, endMs) when spread evenly over its life; at its end when it took no time. */
export function bytesWithin(request: RequestRecord, startMs: number, endMs: number): number {
  const lifeMs = request.endMs - request.startMs;
  if (lifeMs <= 0) return request.endMs >= startMs && request.endMs < endMs ? request.bytes : 0;
  const overlapMs = Math.min(endMs, request.endMs) - Math.max(startMs, request.startMs);
  return overlapMs <= 0 ? 0 : (request.bytes * overlapMs) / lifeMs;
}

/**
 * Goodput in each of the windows between neighbouring bounds (ascending, ms): one pass over the requests, however many
 * windows there are. Answers bytes per second, one figure fewer than there are bounds.
 */
export function goodputSeries(
  requests: readonly RequestRecord[],
  bounds: readonly number[],
): readonly number[] {
  const bytes = new Array<number>(Math.max(0, bounds.length - 1)).fill(0);
  for (const request of requests) {
    if (!request.inTime) continue;
    for (let at = windowAt(bounds, request.startMs); at < bytes.length; at++) {
      const from = bounds[at];
      const to = bounds[at + 1];
      if (from === undefined || to === undefined || from > request.endMs) break;
      bytes[at] = (bytes[at] ?? 0) + bytesWithin(request, from, to);
    }
  }
  return bytes.map((sum, at) => (sum * 1000) / Math.max(1e-9, (bounds[at + 1] ?? 0) - (bounds[at] ?? 0)));
}

/** Index of the last window that begins at or before the time; 0 before the first. */
function windowAt(bounds: readonly number[], tMs: number): number {
  let low = 0;
  let high = bounds.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? Number.POSITIVE_INFINITY) <= tMs) low = middle;
    else high = middle;
  }
  return low;
}
