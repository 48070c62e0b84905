const WARM_UP_MS = 700;
const MEASURED_MS = 2000;

/** Runs a batch again and again: a warm-up, then a window that counts. Answers units of work per second. */
export function ratePerSecond(batch: () => number, measuredMs = MEASURED_MS, warmUpMs = WARM_UP_MS): number {
  run(batch, warmUpMs);
  const { units, elapsedMs } = run(batch, measuredMs);
  return (units * 1000) / elapsedMs;
}

function run(batch: () => number, forMs: number): { units: number; elapsedMs: number } {
  const begun = performance.now();
  let units = 0;
  let elapsedMs = 0;
  while (elapsedMs < forMs) {
    units += batch();
    elapsedMs = performance.now() - begun;
  }
  return { units, elapsedMs };
}
