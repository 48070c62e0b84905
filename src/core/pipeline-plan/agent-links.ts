import type { DescribedAgent, DescribedLink } from '../../protocol/pipeline-descriptor.ts';
import { ATTESTATION, TALKS } from './talks.ts';
import type { Vouching } from './verifiers.ts';

type Talker = Pick<DescribedAgent, 'name' | 'capabilities'>;

/** Which agents have to talk to which, and about what: whoever auctions a goal to all that offer it, a verifier to whom it vouches for. */
export function agentLinks(
  agents: readonly Talker[],
  vouching: readonly Vouching[],
): readonly DescribedLink[] {
  const byPair = new Map<
    string,
    { readonly between: DescribedLink['between']; readonly goals: Set<string> }
  >();
  const join = (one: Talker, other: Talker, goal: string): void => {
    if (one.name === other.name) return;
    const between: DescribedLink['between'] =
      one.name < other.name ? [one.name, other.name] : [other.name, one.name];
    const key = between.join(' ');
    const link = byPair.get(key) ?? { between, goals: new Set<string>() };
    link.goals.add(goal);
    byPair.set(key, link);
  };
  for (const { goal, asks, offers } of TALKS) {
    for (const asking of agents.filter(({ capabilities }) => capabilities.includes(asks))) {
      for (const able of agents.filter(({ capabilities }) => capabilities.includes(offers))) {
        join(asking, able, goal);
      }
    }
  }
  const named = new Map<string, Talker>(agents.map((agent) => [agent.name, agent]));
  for (const { of, by } of vouching) {
    for (const verifier of by) {
      const [one, other] = [named.get(of), named.get(verifier)];
      if (one !== undefined && other !== undefined) join(one, other, ATTESTATION);
    }
  }
  return [...byPair.values()]
    .map(({ between, goals }) => ({ between, for: [...goals].sort() }))
    .sort((a, b) => (a.between.join(' ') < b.between.join(' ') ? -1 : 1));
}

/** Groups of agents that can reach one another over these links; one: all can. */
export function separateGroups(
  names: readonly string[],
  links: readonly { readonly between: readonly string[] }[],
): readonly (readonly string[])[] {
  const groupOf = new Map<string, string[]>(names.map((name) => [name, [name]]));
  for (const { between } of links) {
    const [one, other] = between.map((name) => groupOf.get(name));
    if (one === undefined || other === undefined || one === other) continue;
    one.push(...other);
    for (const name of other) groupOf.set(name, one);
  }
  return [...new Set(groupOf.values())];
}
