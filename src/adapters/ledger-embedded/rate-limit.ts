/** What one connection may ask: a bucket that fills at `perSec` up to `burst`. Answers whether `count` may pass. */
export function createRateLimit(
  { perSec, burst }: { readonly perSec: number; readonly burst: number },
  nowMs: () => number,
): (count: number) => boolean {
  let left = burst;
  let at = nowMs();
  return (count) => {
    const now = nowMs();
    left = Math.min(burst, left + ((now - at) * perSec) / 1000);
    at = now;
    if (left < count) return false;
    left -= count;
    return true;
  };
}
