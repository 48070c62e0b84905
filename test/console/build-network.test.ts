import { expect, it } from 'vitest';
import { buildNetwork } from '../../console/src/data/network/build-network.ts';
import type { NetworkAgent, Placed } from '../../console/src/data/network/network.ts';
import { ScenarioSchema } from '../../src/protocol/scenario.ts';
import { generatedSubstrate } from '../../src/runtime/placement/generated-substrate.ts';
import { siteScenario } from '../../src/runtime/placement/site-agents.ts';

const paper = ScenarioSchema.parse({
  name: 'small',
  title: 'a small network',
  durationMs: 1000,
  topology: {
    switches: ['s1', 's2', 's3'],
    trunks: [
      { from: 's1', to: 's2' },
      { from: 's2', to: 's3' },
    ],
    hosts: [
      { name: 'h1', switch: 's2', site: 'core', cpu: 4, memoryGb: 4, background: { cpu: 1, memoryGb: 1 } },
      { name: 'h2', switch: 's3', site: 'core', cpu: 8, memoryGb: 8, capacityBytesPerSec: 600_000 },
    ],
    accessPoints: [{ name: 'sap1', switch: 's1' }],
  },
  functions: [{ name: 'web', kind: 'web-server', cpu: 8, memoryGb: 8 }],
  users: [{ name: 'readers', behaviour: 'page', count: 1, at: ['sap1'], target: 'web' }],
});
const agents: readonly NetworkAgent[] = [{ name: 'a2', host: 'h2', trust: 'attested', roles: [] }];
const web: Placed = {
  id: 'web',
  name: 'web',
  service: undefined,
  host: 'h2',
  goal: 'functionPlaced(web)',
  state: 'running',
  vcpus: 8,
  memoryMib: 8192,
};
const nothing = { services: [], functions: [], agents: [], silentSites: [] };

it('has the sites of a scenario with what is where, and says which links are measured', () => {
  const { sites, links, hostOf } = buildNetwork({
    ...nothing,
    scenario: paper,
    substrate: null,
    functions: [web],
    agents,
  });
  expect(
    sites.map(({ name, hosts, switches, accessPoints }) => [name, hosts.length, switches, accessPoints]),
  ).toEqual([
    ['core', 2, ['s2', 's3'], []],
    // A switch of no site is a place of its own.
    ['s1', 0, ['s1'], ['sap1']],
  ]);
  expect(hostOf.get('h1')?.vcpus).toEqual({ used: 1, total: 4 });
  expect(hostOf.get('h2')).toMatchObject({ vcpus: { used: 8, total: 8 }, placed: [web], agents });
  expect(links.map(({ id, sites: at, counted, booked }) => [id, at.join(), counted, booked])).toEqual([
    ['s1>s2', 's1,core', false, undefined],
    ['s2>s3', 'core,core', false, undefined],
    ['s2>h1', 'core,core', false, undefined],
    ['s3>h2', 'core,core', true, undefined],
  ]);
});

it('has the links of sites for services as they are, not those that carry their pipeline', () => {
  const substrate = generatedSubstrate(4, 'ring');
  const { sites, links } = buildNetwork({ ...nothing, scenario: siteScenario(substrate), substrate });
  expect(sites.map(({ name, hosts }) => [name, hosts.length])).toEqual(
    substrate.sites.map((name) => [name, 3]),
  );
  expect(links.map(({ id }) => id)).toEqual(substrate.links.map(({ id }) => id));
});

it('draws the network of a scenario beside the sites for services', () => {
  const substrate = generatedSubstrate(2, 'ring');
  const { sites, links } = buildNetwork({ ...nothing, scenario: paper, substrate, silentSites: ['site2'] });
  expect(sites.map(({ name, silent }) => [name, silent])).toEqual([
    ['site1', false],
    ['site2', true],
    ['core', false],
    ['s1', false],
  ]);
  expect(links).toHaveLength(substrate.links.length + 4);
});
