import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonText, printable, yamlText } from './printable.ts';

const hostile = 'a\u001b[2J\u009b31mb\u0007\u202ec\u0085 and so on';
const raw = /(?!\n)\p{Cc}|\u202e/u;

test('what a terminal would act upon does not reach it; lines stay lines', () => {
  expect(printable(`${hostile}\n${hostile}`)).not.toMatch(raw);
  expect(printable('one\ntwo\n')).toBe('one\ntwo\n');
  expect(printable('one\ttwo\r\nthree\rfour\n')).toBe('one\ttwo\nthree\ufffdfour\n');
});

test('data formats escape it and lose nothing', () => {
  const value = [{ [hostile]: hostile, list: ['x\ny', hostile.repeat(40)], plain: 3 }];
  for (const text of [jsonText(value, 2), jsonText(value, 0), yamlText(value)]) expect(text).not.toMatch(raw);
  expect(JSON.parse(jsonText(value, 2))).toEqual(value);
  expect(parse(yamlText(value))).toEqual(value);
});
