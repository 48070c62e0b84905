import { expect, test } from 'vitest';
import { readScenario } from './load-scenario.ts';
import { renderProblems } from './render-problems.ts';

const at = (line: number, column: number) => ({
  line,
  column,
  path: 'a.b',
  message: 'wrong',
  mend: 'mend it',
});

test('a problem is printed as a compiler would: place, line, caret under the column, mend', () => {
  const source = { file: 'x.yaml', text: 'one: 1\ntwo: bad\n' };
  expect(renderProblems(source, [at(2, 6)])).toBe(
    [
      'x.yaml:2:6: error: wrong (a.b)',
      '    2 | two: bad',
      '      |      ^',
      '      = mend it',
      '',
      '1 problem in x.yaml',
      '',
    ].join('\n'),
  );
});

test('the caret stays under its column in a long line', () => {
  const text = `${'x'.repeat(400)}HERE${'y'.repeat(400)}`;
  const lines = renderProblems({ file: 'x.yaml', text }, [at(1, 401)]).split('\n');
  const caret = lines[2]?.indexOf('^') ?? -1;
  expect(lines[1]?.slice(caret, caret + 4)).toBe('HERE');
  expect(lines[1]?.length).toBeLessThan(130);
});

test('what a terminal would act upon is made harmless', () => {
  const source = 'name: "\u001b[2J\u0007"\n\u001b]0;title\u0007: 1\n';
  const loaded = readScenario(source);
  expect(loaded.ok).toBe(false);
  if (loaded.ok) return;
  expect(renderProblems(loaded.source, loaded.problems).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('a place beyond the text is printed all the same', () => {
  expect(renderProblems({ file: 'x.yaml', text: '' }, [at(9, 40)])).toContain('x.yaml:9:40');
});
