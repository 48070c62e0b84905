import { readdirSync, statSync } from 'node:fs';

/** Users that agents may have; see `SpawnOrder.uid`. */
const FIRST = 61_000;
const LAST = 64_999;

/**
 * The first of `count` users as whom nobody runs here: agents of two pipelines on one machine must not be able to look into one
 * another. Throws a RangeError when there are not so many.
 */
export function freeUsers(count: number): number {
  const taken = new Set<number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      taken.add(statSync(`/proc/${name}`).uid);
    } catch {
      // It has ended.
    }
  }
  // From a place of its own, so that two that start at once seldom choose the same.
  const places = Math.floor((LAST - FIRST + 1) / count);
  for (let tried = 0; tried < places; tried++) {
    const first = FIRST + ((process.pid + tried) % places) * count;
    if (Array.from({ length: count }, (_, i) => first + i).every((uid) => !taken.has(uid))) return first;
  }
  throw new RangeError(`no ${count} users between ${FIRST} and ${LAST} are free`);
}
