import { expect, test } from 'vitest';
import { buildNetwork } from '../../console/src/data/network/build-network.ts';
import { NO_RATES } from '../../console/src/data/network/rates.ts';
import { kept } from '../../console/src/views/topology/kept-nodes.ts';
import type { Level } from '../../console/src/views/topology/map-boxes.ts';
import { mapNodes } from '../../console/src/views/topology/map-elements.ts';
import { layOut } from '../../console/src/views/topology/site-layout.ts';
import { ScenarioSchema } from '../../src/protocol/scenario.ts';

const scenario = ScenarioSchema.parse({
  name: 'small',
  title: 'two sites',
  durationMs: 1000,
  topology: {
    switches: ['s1', 's2'],
    trunks: [{ from: 's1', to: 's2' }],
    hosts: [
      { name: 'h1', switch: 's1', site: 'east', cpu: 4, memoryGb: 4 },
      { name: 'h2', switch: 's2', site: 'west', cpu: 4, memoryGb: 4 },
    ],
    accessPoints: [{ name: 'sap1', switch: 's1' }],
  },
  functions: [{ name: 'web', kind: 'web-server', cpu: 1, memoryGb: 1 }],
});

function nodesWhen(trustOfA2: string, level: Level, silentSites: readonly string[] = []) {
  const agents = [
    { name: 'a1', host: 'h1', trust: 'attested', roles: ['apache'] },
    { name: 'a2', host: 'h2', trust: trustOfA2, roles: [] },
  ];
  const parts = { scenario, substrate: null, services: [], functions: [], agents, silentSites };
  const network = buildNetwork(parts);
  return mapNodes({ network, boxes: layOut(network), level, rates: NO_RATES, hops: [] });
}

test.each([0, 2] as const)('boxes that say the same are the same, at level %s', (level) => {
  const before = nodesWhen('attested', level);
  const same = kept(nodesWhen('attested', level), before);
  expect(same.every((each, at) => each === before[at])).toBe(true);
  const changed = kept(nodesWhen('revoked', level), before).filter((each, at) => each !== before[at]);
  expect(changed.map(({ id }) => id)).toEqual(level === 0 ? ['site west'] : ['site west', 'node h2']);
  const silent = kept(nodesWhen('attested', level, ['east']), before);
  expect(silent.filter((each, at) => each !== before[at]).map(({ id }) => id)).toEqual(['site east']);
});

test('a box that comes, goes, or is drawn nearer is new', () => {
  const far = nodesWhen('attested', 0);
  const near = kept(nodesWhen('attested', 2), far);
  expect(near.some((each) => far.includes(each))).toBe(false);
  expect(kept(far, near).map(({ id }) => id)).toEqual(far.map(({ id }) => id));
});
