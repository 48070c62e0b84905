import { expect, test } from 'vitest';
import { fits, parseFilter } from './attribute-filter.ts';
import { readSelector, select } from './attribute-selector.ts';

const THING = {
  id: 'a',
  state: 'UP',
  size: 9,
  at: '2026-01-02T00:00:00Z',
  tags: [{ name: 'x' }, { name: "it's" }],
  none: null,
};

test.each([
  ['(eq,state,UP)', true],
  ['(neq,state,UP)', false],
  ['(eq,tags/name,x)', true],
  ['(neq,tags/name,x)', false],
  ["(eq,tags/name,'it''s')", true],
  ["(in,state,'DOWN',UP)", true],
  ['(nin,state,UP,DOWN)', false],
  ['(cont,state,P)', true],
  ['(ncont,state,P)', false],
  ['(gt,size,10)', false],
  ['(gte,size,9)', true],
  ['(lt,size,10)', true],
  ['(lte,at,2026-01-02T00:00:00Z)', true],
  ['(gt,at,2025-12-31T23:00:00Z)', true],
  ['(eq,state,UP);(eq,size,9)', true],
  ['(eq,state,UP);(eq,size,8)', false],
  ['(eq,nothing,x)', false],
  ['(neq,nothing,x)', true],
  ['(eq,none,null)', false],
  ['(eq,constructor/name,Object)', false],
])('%s is %s', (text, expected) => {
  expect(fits(THING, parseFilter(text))).toBe(expected);
});

test.each([
  'eq,a,b',
  '(eq,a,b',
  '(eq,a)',
  '(eq,a,b,c)',
  '(is,a,b)',
  '(eq,,b)',
  "(eq,a,'b)",
  '(eq,a,b)(eq,c,d)',
  '(eq,a,b);',
  `(eq,a,${'x'.repeat(5000)})`,
  Array(30).fill('(eq,a,b)').join(';'),
])('%s is no filter', (text) => {
  expect(() => parseFilter(text)).toThrow('the filter cannot be read');
});

test('what is told of a thing is what was asked for; its id always', () => {
  const of = (query: Parameters<typeof readSelector>[0]) => select(THING, readSelector(query, ['size']));
  expect(of({ fields: 'state,tags/name' })).toEqual({
    id: 'a',
    state: 'UP',
    tags: [{ name: 'x' }, { name: "it's" }],
  });
  expect(of({ exclude_fields: 'tags,id,at' })).toEqual({ id: 'a', state: 'UP', size: 9, none: null });
  expect(of({})).not.toHaveProperty('size');
  expect(of({ all_fields: '' })).toEqual(THING);
});
