import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalText } from './canonical-text.ts';
import type { ReferenceClaims } from './reference.ts';
import { referenceOf } from './reference.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest();
const hex = (text: string) => sha256(text).toString('hex');
const segment = (file: string, offset: number) => ({ file, offset, sizeBytes: 4096, sha256: hex(file) });

const claims: ReferenceClaims = {
  bundleSha256: hex('bundle'),
  policySha256: hex('policy'),
  segments: [segment('exe', 0), segment('exe', 8192), segment('/lib/c.so', 0)],
  argv: ['node', '-', 'a1'],
  environment: { B: '2', A: '1' },
  uid: 64_001,
  addons: [hex('x'), hex('y')],
  expected: {
    runtimeCode: 'v8',
    maxRuntimeCodeBytes: 1000,
    maxThreads: 16,
    writtenTextKb: 0,
    sockets: 'given-only',
  },
  guardSha256: hex('guard'),
  salt: hex('salt'),
};
const reference = (changes: Partial<ReferenceClaims> = {}) =>
  Buffer.from(referenceOf({ ...claims, ...changes }, sha256)).toString('hex');

it('does not depend on the order of segments, variables and addons', () => {
  expect(
    reference({
      segments: claims.segments.toReversed(),
      environment: { A: '1', B: '2' },
      addons: claims.addons.toReversed(),
    }),
  ).toBe(reference());
});

it('changes with every claim', () => {
  const changed: Partial<ReferenceClaims>[] = [
    { bundleSha256: hex('other') },
    { policySha256: hex('other') },
    { segments: claims.segments.slice(1) },
    { segments: [...claims.segments.slice(1), { ...segment('exe', 0), sha256: hex('other') }] },
    { argv: ['node', 'a1', '-'] },
    { argv: ['node', '-a1'] },
    { environment: { A: '1', B: '2', C: '' } },
    { uid: 64_002 },
    { addons: [] },
    { expected: { ...claims.expected, maxThreads: 17 } },
    { guardSha256: hex('other') },
    { salt: hex('other') },
  ];
  const all = [reference(), ...changed.map((each) => reference(each))];
  expect(new Set(all).size).toBe(changed.length + 1);
});

it('is refused without a salt of 32 bytes', () => {
  expect(() => reference({ salt: 'ab' })).toThrow(RangeError);
});

const canonical = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

it('has one text for a value, from which the value can be read back', () => {
  fc.assert(
    fc.property(canonical, (value) => {
      // What the generator makes is canonical by construction.
      const text = canonicalText(value as Parameters<typeof canonicalText>[0]);
      const again: Parameters<typeof canonicalText>[0] = JSON.parse(text);
      expect(canonicalText(again)).toBe(text);
      expect(again).toEqual(value);
    }),
    { numRuns: 300 },
  );
});

it('sorts keys by code unit and refuses numbers that have several texts', () => {
  expect(canonicalText({ b: 1, a: [true, 'x'], B: {} })).toBe('{"B":{},"a":[true,"x"],"b":1}');
  expect(() => canonicalText(0.5)).toThrow(RangeError);
  expect(() => canonicalText(2 ** 53)).toThrow(RangeError);
  expect(() => canonicalText('\ud800')).toThrow(RangeError);
});
