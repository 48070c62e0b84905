/** A step of 1, 2 or 5 times a power of ten, the smallest that is at least as large as the one wished for. */
export function niceStep(wished: number): number {
  const power = 10 ** Math.floor(Math.log10(wished));
  const factor = [1, 2, 5, 10].find((one) => one * power >= wished * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Multiples of a nice step within a range, about as many as wished for; always ascending, never more than 50. */
export function ticks(from: number, to: number, about: number): readonly number[] {
  if (!(to > from)) return [from];
  const step = niceStep((to - from) / Math.max(1, about));
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.min(50, Math.max(0, last - first + 1)) }, (_, at) =>
    Number(((first + at) * step).toPrecision(12)),
  );
}

/** A range of time drawn from the left edge to the right. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where a moment lies in the range, in per cent of its width, held within it. */
export function acrossPercent({ fromMs, toMs }: TimeRange, tMs: number): number {
  const share = (tMs - fromMs) / Math.max(1e-9, toMs - fromMs);
  return Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 100;
}
