import { expect, test } from 'vitest';
import { nestsTooDeeply } from './nests-too-deeply.ts';
import { parseYaml } from './parse-yaml.ts';

test.each([
  ['lists in brackets', '['.repeat(5000)],
  ['maps in braces', '{a: '.repeat(5000)],
  ['lists in one line', '- '.repeat(5000)],
  ['keys in one line', '? '.repeat(5000)],
  ['lists and keys by turns', '- ? '.repeat(5000)],
  ['brackets over many lines', '[\n'.repeat(5000)],
])('%s end in a problem and not in the end of the process', (_, text) => {
  expect(nestsTooDeeply(text)).toBe(true);
  expect(parseYaml(text)).toMatchObject({
    ok: false,
    problems: [{ message: 'nested too deeply to be read' }],
  });
});

test.each([
  ['brackets one after the other', '- [a, b]\n'.repeat(5000)],
  ['a long line of dashes within a text', `text: |\n  a ${'-'.repeat(2000)}\n`],
  ['what is indented far', `${' '.repeat(300)}- a`],
])('%s are read', (_, text) => {
  expect(nestsTooDeeply(text)).toBe(false);
  expect(parseYaml(text).ok).toBe(true);
});
