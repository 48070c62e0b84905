import { describe, expect, it } from 'vitest';
import { ring } from '../../core/placement/testing/small-substrate.ts';
import { nodeName } from '../../protocol/ids.ts';
import { ScenarioSchema } from '../../protocol/scenario.ts';
import { agentSpecs } from '../build-agent.ts';
import { sitesOf } from '../genuine/sites.ts';
import { siteAgentOf, siteScenario } from './site-agents.ts';

describe('the pipeline of a substrate', () => {
  it('has an agent at every site, also at one that has only links', () => {
    const { sites, hosts, links } = ring();
    const scenario = siteScenario({ sites, hosts: hosts.slice(0, 3), links });
    const found = sitesOf(scenario, agentSpecs(scenario));
    expect([...found]).toEqual(sites.map((site) => [`a-${site}`, site]));
    expect(new Set(agentSpecs(scenario).map(({ host }) => host)).size).toBe(4);
  });

  it('is a scenario but for its functions, with names of its own', () => {
    const { sites, hosts, links } = ring();
    const named = hosts.map((host, index) =>
      index === 0 ? { ...host, name: nodeName('sw-s1') } : index === 1 ? { ...host, vcpus: 0 } : host,
    );
    const scenario = siteScenario({ sites, hosts: named, links: links.slice(2, 3) });
    const { switches, hosts: there, accessPoints } = scenario.topology;
    const names = [...switches, ...there.map(({ name }) => name), ...accessPoints.map(({ name }) => name)];
    expect(new Set(names).size).toBe(names.length);
    const some = { name: 'w', kind: 'web-server', cpu: 1, memoryGb: 1 };
    const parsed = ScenarioSchema.safeParse({ ...scenario, functions: [some] });
    expect(parsed.error?.issues ?? []).toEqual([]);
  });

  it('names a site that no agent can be named after', () => {
    const site = nodeName('s'.repeat(62));
    expect(() => siteAgentOf(site)).toThrow(/no agent can be named after/);
  });
});
