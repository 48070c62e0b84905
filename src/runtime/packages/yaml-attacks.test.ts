import { describe, expect, test } from 'vitest';
import { bare, errorsOf, judgeTexts } from './testing/sample-files.ts';

const only = (text: string) => {
  const [result] = judgeTexts([text]);
  if (result === undefined) throw new Error('nothing was judged');
  return result;
};
const messages = (text: string) =>
  only(text).problems.flatMap(({ severity, message }) => (severity === 'error' ? [message] : []));

describe('a descriptor is refused that has', () => {
  test('aliases of aliases of aliases', () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) =>
        `a${n}: &a${n} [${Array(9)
          .fill(n === 0 ? 'x' : `*a${n - 1}`)
          .join(', ')}]\n`,
    );
    expect(messages(levels.join(''))).toEqual(['aliases expand to more than 200 copies']);
  });

  test('an alias of what it stands in', () => {
    expect(messages('vnfd: &v\n  id: v\n  df: *v\n').join()).toContain(
      '64 levels, with its aliases written out',
    );
  });

  test('a long text that aliases repeat until it fills the memory', () => {
    const text = `a: &a ${'x'.repeat(100_000)}\nvnfd: [${Array(150).fill('*a').join(', ')}]\n`;
    expect(messages(text)[0]).toContain('with its aliases written out');
  });

  test.each([
    ['lists', `vnfd: ${'['.repeat(500)}${']'.repeat(500)}`],
    ['maps', `vnfd: ${'{a: '.repeat(500)}1${'}'.repeat(500)}`],
    ['so many lists that the parser gives out', `vnfd: ${'['.repeat(20_000)}`],
  ])('%s in one another', (_, text) => {
    const started = performance.now();
    expect(messages(text).some((message) => message.includes('nested too deeply'))).toBe(true);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('a key twice', () => {
    expect(errorsOf(only('vnfd:\n  id: a\n  id: b\n'))).toEqual(['3 yaml']);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('the key %s, and nothing becomes of it', (key) => {
    const text = `vnfd:\n  ${key}: { polluted: yes, mgmt-cp: m }\n  id: a\n`;
    expect(messages(text)).toContain(`the key \`${key}\` is not taken`);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect('polluted' in {}).toBe(false);
  });

  test('merge keys, tags, several documents, controls in an id', () => {
    expect(messages('a: &a { id: x }\nvnfd:\n  <<: *a\n')).toContain(
      'merge keys (`<<`) are not part of YAML 1.2',
    );
    expect(only('vnfd: !!js/function "x"\n').status).toBe(422);
    expect(errorsOf(only('vnfd: {}\n---\nnsd: {}\n'))).toEqual(['2 yaml']);
    expect(messages('vnfd:\n  id: "a\\u001b[2J"\n  df: [{ id: d }]\n').join()).toContain(
      'control characters',
    );
  });

  test('more than a megabyte, or bytes that are no text', () => {
    expect(messages(`vnfd: # ${'x'.repeat(1_000_001)}\n`)).toEqual([
      'the descriptor is larger than 1000000 bytes',
    ]);
    const opened = bare('');
    expect(opened.kind).toBeUndefined();
  });

  test('a list without end is cut, and said to be too long', () => {
    const many = Array.from({ length: 1500 }, (_, n) => `    - id: v${n}\n`).join('');
    expect(messages(`vnfd:\n  id: a\n  mgmt-cp: m\n  vdu:\n${many}  df: [{ id: d }]\n`).join()).toContain(
      'too many entries: 1500',
    );
  });

  test('a thousand mistakes, of which at most two hundred are told', () => {
    const many = Array.from(
      { length: 900 },
      (_, n) => `    - { id: v${n}, virtual-compute-desc: none${n} }\n`,
    ).join('');
    const { problems, status } = only(`vnfd:\n  id: a\n  mgmt-cp: m\n  vdu:\n${many}  df: [{ id: d }]\n`);
    expect(status).toBe(422);
    expect(problems.length).toBeLessThanOrEqual(201);
    expect(problems.at(-1)?.message).toMatch(/^and \d+ more$/);
  });
});
