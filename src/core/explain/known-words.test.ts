import { expect, test } from 'vitest';
import { journalOf, smallScenario } from '../../runtime/report/testing/small-recording.ts';
import { unknownWord } from './known-words.ts';

const scenario = smallScenario();
const journal = journalOf([]);

test('what stands in the scenario is known, whatever its case', () => {
  const { name } = scenario;
  const host = scenario.topology.hosts[0]?.name ?? '';
  expect(unknownWord(journal, scenario, [name, host.toUpperCase()])).toBeUndefined();
});

test('the first unknown word is named with the nearest known one, if there is any', () => {
  const [spec] = scenario.functions;
  const typo = `${spec?.name ?? ''}x`;
  expect(unknownWord(journal, scenario, [scenario.name, typo])).toEqual({ word: typo, near: spec?.name });
  expect(unknownWord(journal, scenario, ['qqqqqqqqqqqqqq'])).toEqual({
    word: 'qqqqqqqqqqqqqq',
    near: undefined,
  });
});
