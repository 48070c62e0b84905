import type { Interval } from '../recording.ts';

/** The same time as intervals in order that neither overlap nor lie within `gapMs` of each other. */
export function merged(intervals: readonly Interval[], gapMs = 0): readonly Interval[] {
  const joined: Interval[] = [];
  for (const { startMs, endMs } of [...intervals].sort((a, b) => a.startMs - b.startMs)) {
    const last = joined[joined.length - 1];
    if (last !== undefined && startMs <= last.endMs + gapMs) {
      joined[joined.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, endMs) };
    } else if (endMs > startMs) {
      joined.push({ startMs, endMs });
    }
  }
  return joined;
}

/** What is left of the intervals outside a window. */
export function outside(intervals: readonly Interval[], window: Interval): readonly Interval[] {
  return intervals.flatMap(({ startMs, endMs }) =>
    [
      { startMs, endMs: Math.min(endMs, window.startMs) },
      { startMs: Math.max(startMs, window.endMs), endMs },
    ].filter((part) => part.endMs > part.startMs),
  );
}

/** Length of all the intervals together. */
export function totalMs(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}
