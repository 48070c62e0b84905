import { describe, expect, test } from 'vitest';
import { readScenario } from './load-scenario.ts';
import { renderProblems } from './render-problems.ts';
import { problemsOf } from './testing/small-scenario.ts';

describe('hostile files', () => {
  const levels = Array.from(
    { length: 12 },
    (_, n) => `l${n}: &l${n} [${Array.from({ length: 9 }, () => (n === 0 ? 'x' : `*l${n - 1}`)).join(', ')}]`,
  );
  const hostile: readonly [string, string][] = [
    ['a billion laughs', levels.join('\n')],
    ['deep lists', '['.repeat(400_000)],
    ['deep maps', '{a: '.repeat(200_000)],
    ['deep indentation', Array.from({ length: 1200 }, (_, n) => `${' '.repeat(n)}a:`).join('\n')],
    ['many keys', Array.from({ length: 80_000 }, (_, n) => `k${n}: 1`).join('\n')],
    ['many duplicate keys', 'k: 1\n'.repeat(150_000)],
    [
      'many switches that are not connected',
      `topology:\n  switches: [${Array.from({ length: 100_000 }, (_, n) => `s${n}`).join(', ')}]`,
    ],
    [
      'many unknown references',
      `topology:\n  switches: [${Array.from({ length: 5000 }, (_, n) => `switch-with-a-long-name-${n}`).join(', ')}]\n  trunks:\n${Array.from({ length: 9000 }, (_, n) => `    - { from: switch-with-a-lang-name-${n}, to: sw-${n} }`).join('\n')}`,
    ],
    ['garbage', '\t@`%&*!|>\u0000'.repeat(50_000)],
    ['a merge key', '<<: {name: x}\nname: y'],
    ['a prototype', '__proto__: { name: x }\nconstructor: 1'],
    ['nothing', ''],
    ['a comment alone', '# nothing here'],
    ['a single word', 'hello'],
    ['a list', '- 1'],
    ['an alias to itself', 'a: &a [*a]'],
    ['keys that are no text', '? [1, 2]\n: 3'],
    ['a huge number', 'durationMs: 1e999'],
  ];

  test.each(hostile)('%s is answered by problems with line and column, in bounded time', (_, text) => {
    const started = performance.now();
    const problems = problemsOf(text);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(201);
    for (const problem of problems) {
      expect(problem.line).toBeGreaterThanOrEqual(1);
      expect(problem.column).toBeGreaterThanOrEqual(1);
      expect(problem.message).not.toBe('');
      expect(problem.mend).not.toBe('');
    }
  });
});

describe('what is told of a file that is badly broken', () => {
  const told = (text: string) => {
    const loaded = readScenario(text);
    return loaded.ok ? '' : renderProblems(loaded.source, loaded.problems);
  };

  test('an alias of nothing is told with its name and place, not as a bomb', () => {
    const text = told('name: a\ntitle: *nobody\n');
    expect(text).toContain('scenario.yaml:2:8: error: there is no anchor `&nobody` before this alias');
    expect(text).not.toContain('copies');
    expect(told('a: *late\nb: &late 1\n')).toContain('1:4: error: there is no anchor `&late`');
    expect(told(`a: &x [1]\nb: [${Array(300).fill('*x').join(', ')}]\n`)).toContain('200 copies');
  });

  test('several documents are told in words of the file, not of a library', () => {
    const text = told('name: a\n---\nname: b\n');
    expect(text).toContain('2:1: error: the file holds several documents');
    expect(text).not.toContain('parseAllDocuments');
  });

  test.each([
    ['opened', '['.repeat(10_000)],
    ['opened and closed', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['as maps', '{a: '.repeat(10_000)],
    ['with errors', '%'.repeat(3).concat('\n').repeat(2000)],
    ['with unknown keys', Array.from({ length: 2000 }, (_, n) => `k${n}: 1`).join('\n')],
  ])('thousands of problems (%s) fit on a few screens', (_, text) => {
    expect(told(text).length).toBeLessThan(12_000);
    expect(told(text)).not.toContain('call stack');
  });

  test('how many more there are is told and counted', () => {
    const text = told(Array.from({ length: 100 }, (_, n) => `k${n}: 1`).join('\n'));
    const shown = text.match(/: error: /g)?.length ?? 0;
    const [, more = ''] = /and (\d+) problems more: mend those above first/.exec(text) ?? [];
    expect(shown).toBe(25);
    expect(text).toContain(`${shown + Number(more)} problems in`);
  });
});
