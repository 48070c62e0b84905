import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ExpectSchema, type Scenario } from '../../protocol/scenario.ts';
import { describeScenario } from './describe-scenario.ts';
import { expectationsInText } from './expectations-in-text.ts';
import { readScenario } from './load-scenario.ts';

const DIR = join(import.meta.dirname, '../../../scenarios');

function load(name: string): Scenario {
  const loaded = readScenario(readFileSync(join(DIR, name), 'utf8'), name);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.scenario;
}

const textOf = (scenario: Scenario): string =>
  describeScenario(scenario)
    .flatMap(({ heading, lines }) => [heading, ...lines])
    .join('\n');

describe('a description in words', () => {
  test.each(readdirSync(DIR).filter((file) => file.endsWith('.yaml')))(
    '%s: names every host, function, group and attack',
    (file) => {
      const scenario = load(file);
      const text = textOf(scenario);
      const { topology, functions, users, attacks } = scenario;
      for (const { name } of [...topology.hosts, ...functions, ...users, ...attacks])
        expect(text).toContain(name);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
    },
  );

  test('the paper case: the limited link, the flood and what is expected', () => {
    const text = textOf(load('ddos.yaml'));
    expect(text).toContain('its link carries at most 600 KB/s');
    expect(text).toContain('10 sources flood apache with SYNs, 1600 SYN/s each, from 10.0 s for');
    expect(text).toContain('No legitimate user is blocked.');
    expect(text).toContain('limits a link to 300 KB/s, a target to 150 KB/s');
  });

  test('without an attack it says so', () => {
    expect(textOf(load('flash-crowd.yaml'))).toContain('Attacks\nNone.');
  });

  test('every expectation that a file may hold has a sentence of its own', () => {
    const all = ExpectSchema.parse({
      firstLinkLimitWithinMs: 1000,
      firstTargetLimitWithinMs: 1000,
      allSourcesBlockedWithinMs: 1000,
      stepsInOrder: true,
      maxFalsePositives: 0,
      maxFalseNegatives: 0,
      minGoodputLimitedRatio: 0.7,
      minGoodputAfterRatio: 0.9,
      maxGoodputDuringRatioUndefended: 0.5,
      maxLimitMs: 2000,
      reblockedWithinMs: 2000,
      blockedWithinPulses: 2,
      awardMovesWithinMs: 2000,
      targets: ['web'],
      refusesForHeadroom: 1,
      activates: 'classifier',
      noOrphanRules: true,
    });
    expect(Object.keys(all).sort()).toEqual([...ExpectSchema.keyof().options].sort());
    const sentences = expectationsInText(all);
    expect(new Set(sentences).size).toBe(Object.keys(all).length);
  });
});
