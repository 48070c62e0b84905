/** A time of the journal: seconds, and minutes where there are some; before the start with a minus. */
export function clockTime(tMs: number): string {
  const sign = tMs < 0 ? '−' : '';
  const seconds = Math.abs(tMs) / 1000;
  if (seconds < 60) return `${sign}${seconds.toFixed(2)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = (seconds - minutes * 60).toFixed(1).padStart(4, '0');
  if (minutes < 60) return `${sign}${minutes}:${rest}`;
  return `${sign}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}

const UNITS = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Bytes per second, three figures at most. */
export function rate(bytesPerSec: number): string {
  for (const [size, letter] of UNITS) {
    if (Math.abs(bytesPerSec) >= size) return `${Number((bytesPerSec / size).toPrecision(3))} ${letter}B/s`;
  }
  return `${Math.round(bytesPerSec)} B/s`;
}

/** Names in the order in which people count: a2 before a10. */
export const byName = new Intl.Collator('en', { numeric: true }).compare;

/** At most three figures behind the point. */
export function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

export function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}
