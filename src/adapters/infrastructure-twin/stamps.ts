import { createHmac } from 'node:crypto';

/** What a unit puts on what passes through it. */
export interface Stamp {
  readonly unit: string;
  readonly ingress: string;
  readonly egress: string;
  readonly code: string;
}

/** A stamp over the nonce, everything that is on it already, and the direction: only the unit with that key makes it, and only there. */
export function stamp(
  key: Uint8Array,
  at: Omit<Stamp, 'code'>,
  nonce: string,
  before: readonly Stamp[],
  direction: 'request' | 'reply',
): Stamp {
  const code = createHmac('sha256', key)
    .update(
      JSON.stringify([nonce, direction, at.unit, at.ingress, at.egress, before.map((each) => each.code)]),
    )
    .digest('hex');
  return { ...at, code };
}

/** Whether stamps are those of these units in this order, each made by its own key; otherwise what is wrong. */
export function checkStamps(
  nonce: string,
  direction: 'request' | 'reply',
  stamps: readonly Stamp[],
  expected: readonly string[],
  keyOf: (unit: string) => Uint8Array | undefined,
): string | undefined {
  for (const [index, unit] of expected.entries()) {
    const found = stamps[index];
    if (found?.unit !== unit) return `hop ${index + 1} is ${found?.unit ?? 'missing'} and not ${unit}`;
    const key = keyOf(unit);
    const made = key === undefined ? undefined : stamp(key, found, nonce, stamps.slice(0, index), direction);
    if (made?.code !== found.code) return `the stamp of ${unit} is not its own`;
  }
  return stamps.length > expected.length ? `${stamps[expected.length]?.unit} has stamped too` : undefined;
}
