import { expect, it } from 'vitest';
import type { Row } from './row.ts';
import { troubleOf } from './row.ts';

const good: Row = {
  id: 'row',
  attack: 'an attack',
  attacker: 'root',
  did: 'something',
  expected: 'detected',
  outcome: 'detected',
  what: 'it was seen',
  control: { did: 'nothing', asExpected: true },
  withoutDefence: { did: 'the same', asExpected: true },
};
const { control: _, ...uncontrolled } = good;
const { withoutDefence: __, ...unproven } = good;

it('a row is as expected with its outcome, its control, and an off-run in which it fails', () => {
  expect(troubleOf(good)).toBeUndefined();
});

it.each<[string, Row, RegExp]>([
  ['another outcome', { ...good, outcome: 'undetected' }, /expected detected, was undetected/],
  ['no control', uncontrolled, /control: there is none/],
  ['a control that was harmed', { ...good, control: { did: 'x', asExpected: false } }, /control: x/],
  ['no off-run, and no reason why there is none', unproven, /can fail was not shown/],
  ['an off-run that does as well', { ...good, withoutDefence: { did: 'x', asExpected: false } }, /without/],
  ['a time that is too long', { ...good, must: { what: 'it', ms: 5001, mostMs: 5000 } }, /it: 5.001 s/],
  ['a time that never came', { ...good, must: { what: 'it', ms: undefined, mostMs: 5000 } }, /it: never/],
  ['not tried for no reason', { ...good, outcome: 'not tried', what: 'no time' }, /was not tried/],
])('is not: %s', (__, row, trouble) => {
  expect(troubleOf(row)).toMatch(trouble);
});

it('a row that tells of a limit has no off-run, and one that is skipped is no failure', () => {
  expect(troubleOf({ ...unproven, limit: 'nothing could stop it' })).toBeUndefined();
  expect(troubleOf({ ...good, outcome: 'not tried', what: 'skipped: needs root' })).toBeUndefined();
});
