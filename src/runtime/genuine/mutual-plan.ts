import type { AgentId } from '../../protocol/ids.ts';

/**
 * The order in which the agents of a group attest one another: sites take turns, so that whoever was attested last, and verifies
 * next, is behind another guard than the one that is measured, wherever there are two.
 */
export function mutualPlan(siteOf: ReadonlyMap<AgentId, string>): readonly AgentId[] {
  const sites = new Map<string, AgentId[]>();
  for (const [agent, site] of siteOf) sites.set(site, [...(sites.get(site) ?? []), agent]);
  // The fullest first: what is left over at the end is then of as few turns as can be.
  const queues = [...sites.values()].sort((a, b) => b.length - a.length);
  const plan: AgentId[] = [];
  for (let turn = 0; plan.length < siteOf.size; turn++) {
    for (const queue of queues) {
      const agent = queue[turn];
      if (agent !== undefined) plan.push(agent);
    }
  }
  return plan;
}
