import type { DescribedAgent, DescribedLink } from '../../protocol/pipeline-descriptor.ts';
import { TALKS } from './talks.ts';

/** How much a pipeline is: what is started, attested and kept joined. */
export interface PipelineFigures {
  readonly agents: number;
  readonly links: number;
  readonly verdictsPerMin: number;
}

export interface PlannedFigures extends PipelineFigures {
  readonly sites: number;
  /** Agents that one vouches for: most and fewest. */
  readonly mostVouchedFor: number;
  readonly leastVouchedFor: number;
}

/** Each agent has a round every 20 s. */
const ROUNDS_PER_MIN = 3;

export function figuresOf(
  agents: readonly Pick<DescribedAgent, 'site' | 'name'>[],
  links: readonly Pick<DescribedLink, 'between'>[],
  vouching: readonly { readonly by: readonly string[] }[],
): PlannedFigures {
  const load = new Map<string, number>(agents.map(({ name }) => [name, 0]));
  for (const verifier of vouching.flatMap(({ by }) => by)) load.set(verifier, (load.get(verifier) ?? 0) + 1);
  return {
    agents: agents.length,
    sites: new Set(agents.map(({ site }) => site)).size,
    links: links.length,
    verdictsPerMin: ROUNDS_PER_MIN * vouching.reduce((sum, { by }) => sum + by.length, 0),
    mostVouchedFor: Math.max(0, ...load.values()),
    leastVouchedFor: load.size === 0 ? 0 : Math.min(...load.values()),
  };
}

/** What one would do without a planner: an agent of every kind that talks at every site, each joined to each. */
export function naiveFigures(sites: number, perRound: number): PipelineFigures {
  const kinds = new Set(TALKS.flatMap(({ asks, offers }) => [asks, offers])).size;
  const agents = kinds * sites;
  return {
    agents,
    links: (agents * (agents - 1)) / 2,
    verdictsPerMin: ROUNDS_PER_MIN * agents * Math.min(perRound, Math.max(0, sites - 1)),
  };
}
