import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCbor, encodeCbor } from './cbor.ts';

const MOST = 1 << 20;
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
/** JSON as it comes from elsewhere; `-0` and `0` are one value with two texts. */
const json = fc
  .jsonValue({ noUnicodeString: false })
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown);

describe('deterministic CBOR', () => {
  it('gives back what was encoded, and the same bytes for the same value', () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = encodeCbor(value);
        expect(decodeCbor(bytes, MOST)).toEqual(value);
        expect(encodeCbor(decodeCbor(bytes, MOST))).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('keys in any order give the same bytes', () => {
    expect(encodeCbor({ b: 1, a: 2, cc: 3 })).toEqual(encodeCbor({ cc: 3, a: 2, b: 1 }));
  });

  it('takes the one form (controls of the refusals below)', () => {
    for (const [text, value] of [
      ['17', 23],
      ['1818', 24],
      ['a2616101616202', { a: 1, b: 2 }],
      ['8101', [1]],
      ['f93e00', 1.5],
    ] as const) {
      expect(decodeCbor(hex(text), MOST), text).toEqual(value);
    }
  });

  it.each([
    ['a number in more bytes than it needs', '1817'],
    ['a length in more bytes than it needs', '980101'],
    ['keys that are not in order', 'a2616202616101'],
    ['a key twice', 'a2616101616101'],
    ['a list without a length', '9f01ff'],
    ['a text without a length', '7f6161ff'],
    ['a map without a length', 'bf616101ff'],
    ['bytes without a length', '5f4101ff'],
    ['a fraction in more bytes than it needs', 'fb3ff8000000000000'],
    ['not a number', 'f97e00'],
    ['infinity', 'f97c00'],
    ['undefined', 'f7'],
    ['a number that is no safe integer', '1b7fffffffffffffff'],
    ['a negative number that is no safe integer', '3b7fffffffffffffff'],
    ['a tag', 'c101'],
    ['something behind the value', '0101'],
    ['half a value', '8201'],
    ['nothing', ''],
    ['a whole number as a fraction', 'f93c00'],
    ['a list that claims four thousand million elements', '9affffffff01'],
    ['a text that claims more than there is', '7b000fffffffffffff61'],
  ])('refuses %s', (_, text) => {
    expect(decodeCbor(hex(text), MOST)).toBeUndefined();
  });

  it('a key that is called __proto__ is a key like any other', () => {
    const value = decodeCbor(hex('a1695f5f70726f746f5f5fa1616101'), MOST);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value ?? {})).toEqual(['__proto__']);
  });

  it('refuses what is longer than the receiver takes', () => {
    const bytes = encodeCbor('x'.repeat(100));
    expect(decodeCbor(bytes, bytes.length)).toBe('x'.repeat(100));
    expect(decodeCbor(bytes, bytes.length - 1)).toBeUndefined();
  });

  it('refuses what is nested so deeply that walking it would exhaust the stack', () => {
    const nested = (depth: number) => Uint8Array.from([...new Array<number>(depth).fill(0x81), 0x01]);
    expect(decodeCbor(nested(60), MOST)).toBeDefined();
    for (const depth of [65, 1000, 5000, 100_000, 1_000_000])
      expect(decodeCbor(nested(depth), MOST << 1)).toBeUndefined();
  });

  it('never throws, and takes of arbitrary bytes only those that it would have written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const value = decodeCbor(bytes, MOST);
        if (value !== undefined) expect(encodeCbor(value)).toEqual(bytes);
      }),
      { numRuns: 5000 },
    );
  });
});
