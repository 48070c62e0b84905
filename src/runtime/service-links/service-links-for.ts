import type { VirtualLinkPlane } from '../../ports/virtual-link-plane.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { AgentFleet } from '../fleet/agent-fleet.ts';
import { sitesOf } from '../genuine/sites.ts';
import { ServiceLinks } from './service-links.ts';
import { watchedPorts } from './watched-ports.ts';

export interface ServiceLinksGiven {
  readonly plane: VirtualLinkPlane;
  /** As they stand now. */
  services(): readonly ServiceInstance[];
  onTrouble(text: string): void;
}

/** The virtual links of services for the agents of a fleet. */
export function serviceLinksFor(
  fleet: Pick<AgentFleet, 'specs' | 'post'>,
  scenario: Scenario,
  { plane, services, onTrouble }: ServiceLinksGiven,
): ServiceLinks {
  return new ServiceLinks({
    plane,
    ports: () => watchedPorts(services()),
    agents: () => fleet.specs,
    siteOf: (agent) => sitesOf(scenario, fleet.specs).get(agent),
    post: (agent, event) => fleet.post(agent, event),
    onTrouble,
  });
}
