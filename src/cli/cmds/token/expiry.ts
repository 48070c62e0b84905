import { MusterError } from '../../../protocol/errors.ts';

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LONGEST_MS = 10 * 365 * UNITS.d;

/** `90m`, `12h`, `30d` from now, or a time; in ms since 1970. */
export function expiryOf(text: string, nowMs: number): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const atMs = unit === '' ? Date.parse(text) : nowMs + Number(count) * lengthOf(unit);
  if (Number.isFinite(atMs) && atMs > nowMs && atMs < nowMs + LONGEST_MS) return Math.floor(atMs);
  throw new MusterError('USAGE', `--expires ${text}: no time within ten years from now`, {
    hint: '12h, 30d, or 2027-01-31T12:00:00Z',
  });
}

function lengthOf(unit: string): number {
  return unit === 'm' ? UNITS.m : unit === 'h' ? UNITS.h : UNITS.d;
}
