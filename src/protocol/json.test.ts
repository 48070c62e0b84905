import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isJson, JsonSchema } from './json.ts';

test('takes every JSON value and gives it back unchanged', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      expect(JsonSchema.parse(value)).toEqual(value);
    }),
  );
});

test.each([
  ['a number that JSON does not have', Number.NaN],
  ['a function', () => 1],
  ['a symbol inside', { a: Symbol('x') }],
  ['a bigint', 1n],
  ['an object with a class', new Map()],
  ['nothing', undefined],
])('refuses %s', (_, value) => {
  expect(JsonSchema.safeParse(value).success).toBe(false);
});

test('refuses what is nested too deeply, also when it contains itself', () => {
  const own: { self?: unknown } = {};
  own.self = own;
  expect(isJson(own, 16)).toBe(false);
  expect(isJson([[[1]]], 2)).toBe(false);
  expect(isJson([[[1]]], 3)).toBe(true);
});
