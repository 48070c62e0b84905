import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/protocol/report.ts';
import type { Scenario } from '../../src/protocol/scenario.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { readScenario } from '../../src/runtime/scenario/load-scenario.ts';

const folder = new URL('../../scenarios/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace('.yaml', ''));
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

function scenarioNamed(name: string): Scenario {
  const loaded = readScenario(readFileSync(new URL(`${name}.yaml`, folder), 'utf8'), `${name}.yaml`);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.scenario;
}

async function run(name: string, seed: number, defence: 'on' | 'off' = 'on'): Promise<Report> {
  return (await runScenario({ scenario: scenarioNamed(name), plane: 'twin', seed, defence })).report;
}

const unmet = (report: Report) =>
  report.expectations.filter((each) => !each.met).map((each) => `${each.name}: ${each.measured}`);

describe.each(names)('%s in the twin', (name) => {
  test('meets every expectation over 20 seeds', async () => {
    for (const seed of SEEDS) {
      const report = await run(name, seed);
      expect(report.expectations.length, `seed ${seed}`).toBeGreaterThan(0);
      expect(unmet(report), `seed ${seed}`).toEqual([]);
    }
  });
});

test('with the defence off the flood costs users at least half of their goodput: the case is valid', async () => {
  for (const seed of SEEDS) {
    const { goodputBefore, goodputDuring } = (await run('ddos', seed, 'off')).legitimate;
    expect((goodputDuring ?? 1) / (goodputBefore ?? 1), `seed ${seed}`).toBeLessThanOrEqual(0.5);
  }
});

test('the same seed gives the same trace, another seed another', async () => {
  const [first, second, other] = [await run('ddos', 7), await run('ddos', 7), await run('ddos', 8)];
  expect(second.traceHash).toBe(first.traceHash);
  expect(second.traffic).toEqual(first.traffic);
  expect(other.traceHash).not.toBe(first.traceHash);
  expect(other.attack.sources).not.toEqual(first.attack.sources);
});

test('a crowd keeps at least 85 % of the goodput that it has without a defence', async () => {
  for (const seed of SEEDS.slice(0, 5)) {
    const received = (report: Report) => report.traffic.series.reduce((sum, each) => sum + each.goodput, 0);
    const ratio = received(await run('flash-crowd', seed)) / received(await run('flash-crowd', seed, 'off'));
    expect(ratio, `seed ${seed}`).toBeGreaterThanOrEqual(0.85);
  }
});
