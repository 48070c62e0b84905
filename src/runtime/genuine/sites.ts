import type { AgentId } from '../../protocol/ids.ts';
import type { AgentSpec, Scenario } from '../../protocol/scenario.ts';

/** Which site each agent is at: that of its host; a host that names none is at the site of its switch. */
export function sitesOf(scenario: Scenario, specs: readonly AgentSpec[]): ReadonlyMap<AgentId, string> {
  const hosts = new Map(scenario.topology.hosts.map((host) => [host.name, host]));
  return new Map(
    specs.map(({ name, host: hostName }) => {
      const host = hosts.get(hostName);
      return [name, host?.site ?? host?.switch ?? hostName];
    }),
  );
}
