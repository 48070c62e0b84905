import { MusterError } from '../../protocol/errors.ts';
import type { AgentId, NodeName } from '../../protocol/ids.ts';
import { AgentIdSchema, nodeName } from '../../protocol/ids.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import type { Host, Substrate } from '../../protocol/substrate.ts';

/** What `HostSchema` of a scenario allows at most. */
const MOST = { cpu: 1024, memoryGb: 65_536 };

/** The agent that keeps the book of a site. @throws MusterError BAD_SITE when the site's name is too long for that. */
export function siteAgentOf(site: NodeName): AgentId {
  const parsed = AgentIdSchema.safeParse(`a-${site}`);
  if (parsed.success) return parsed.data;
  throw new MusterError('BAD_SITE', `no agent can be named after the site ${site}`, {
    hint: 'give the site a name of at most 61 characters',
  });
}

/**
 * The pipeline of a substrate as a scenario: a daemon, a guard and one agent a site, `a-SITE`, which looks after the first host of the
 * site and has nothing to do with traffic. Each site is a switch with the site's hosts; there is no function, no user and no attack.
 * @throws MusterError BAD_SITE
 */
export function siteScenario(substrate: Substrate): Scenario {
  const taken = new Set<string>(substrate.hosts.map(({ name }) => name));
  const fresh = (wanted: string): NodeName => {
    let name = wanted.slice(0, 63);
    for (let number = 2; taken.has(name); number++) name = `${wanted.slice(0, 58)}-${number}`;
    taken.add(name);
    return nodeName(name);
  };
  const sites = substrate.sites.map((site) => {
    const hosts = substrate.hosts.filter((host) => host.site === site);
    return { site, switch: fresh(`sw-${site}`), hosts: hosts.length === 0 ? [bare(site, fresh)] : hosts };
  });
  const [hub, ...others] = sites.map((each) => each.switch);
  if (hub === undefined) throw new MusterError('BAD_SITE', 'a substrate has at least one site');
  return {
    name: 'sites',
    title: `${sites.length} sites, each with an agent that keeps its book`,
    description: '',
    durationMs: 1000,
    warmupMs: 0,
    topology: {
      switches: [hub, ...others],
      trunks: others.map((to) => ({ from: hub, to, queueBytes: 32_768 })),
      hosts: sites.flatMap((each) =>
        each.hosts.map(({ name, vcpus, memoryMib }) => ({
          name,
          switch: each.switch,
          site: each.site,
          cpu: Math.min(MOST.cpu, Math.max(1, vcpus)),
          memoryGb: Math.min(MOST.memoryGb, Math.max(1, memoryMib / 1024)),
          queueBytes: 32_768,
          background: { cpu: 0, memoryGb: 0 },
        })),
      ),
      accessPoints: [{ name: fresh('access'), switch: hub }],
    },
    functions: [],
    agents: sites.map(({ site, hosts: [first] }) => ({
      name: siteAgentOf(site),
      host: first?.name ?? site,
      capabilities: [],
      bid: { mode: 'headroom' as const, costWeight: 0.5 },
    })),
    users: [],
    attacks: [],
    faults: [],
    expect: {},
  };
}

/** A site without hosts has links to look after: its agent needs somewhere to be. */
function bare(site: NodeName, fresh: (name: string) => NodeName): Host {
  return { name: fresh(`${site}-host`), site, vcpus: 1, memoryMib: 1024, storageGb: 0, energyPrice: 0 };
}
