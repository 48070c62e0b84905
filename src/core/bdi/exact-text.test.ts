import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactText, parseExact } from './exact-text.ts';

const value = fc.anything({
  withMap: true,
  withSet: true,
  withBigInt: true,
  withNullPrototype: false,
  key: fc.oneof(fc.string(), fc.constantFrom('$', '$$', '__proto__', 'constructor')),
});

/** Without fields that are undefined, which no text has. */
function filled(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(filled);
  if (input instanceof Map) return new Map([...input].map(([key, each]) => [filled(key), filled(each)]));
  if (input instanceof Set) return new Set([...input].map(filled));
  if (typeof input !== 'object' || input === null || input instanceof Uint8Array) return input;
  const fields = Object.entries(input).filter(([, each]) => each !== undefined);
  return Object.fromEntries(fields.map(([key, each]) => [key, filled(each)]));
}

describe('the exact text of a value', () => {
  it('is read back as the same value, with its keys in their order', () => {
    fc.assert(
      fc.property(value, (input) => {
        const back = parseExact(exactText(input));
        expect(back).toEqual(filled(input));
        expect(exactText(back)).toBe(exactText(input));
      }),
    );
  });

  it('tells numbers apart that JSON does not', () => {
    const all = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null, undefined, 1n];
    expect(new Set(all.map((each) => exactText(each))).size).toBe(all.length);
    expect(parseExact(exactText(all))).toStrictEqual(all);
  });

  it('sorted, does not depend on the order of keys; else it does', () => {
    const [one, other] = [
      { a: 1, b: { c: 2, d: 3 } },
      { b: { d: 3, c: 2 }, a: 1 },
    ];
    expect(exactText(one, true)).toBe(exactText(other, true));
    expect(exactText(one)).not.toBe(exactText(other));
  });

  it('is of plain data alone', () => {
    for (const each of [new Date(), () => {}, Symbol('x'), /x/])
      expect(() => exactText(each)).toThrow(RangeError);
    for (const text of ['{"$":"x"}', '{"$":"map"}', '{"$":"map","of":[1]}'])
      expect(() => parseExact(text)).toThrow(RangeError);
  });
});
