/**
 * The order in which the agents of a group attest one another, round and round: whoever was attested last is the root of trust and
 * verifies next, so neighbours are behind different guards wherever that can be. The fullest site has every other place; of a site that has more
 * than half of all agents, 2 x its agents - all neighbours are of that site, and not one more.
 */
export function roundOrder<A extends string>(siteOf: ReadonlyMap<A, string>): readonly A[] {
  const bySite = new Map<string, A[]>();
  for (const [agent, site] of siteOf) bySite.set(site, [...(bySite.get(site) ?? []), agent]);
  const inTurn = [...bySite.values()].sort((a, b) => b.length - a.length).flat();
  const even = Math.ceil(inTurn.length / 2);
  return inTurn
    .map((_, place) => inTurn[place % 2 === 0 ? place / 2 : even + (place - 1) / 2])
    .flatMap(known);
}

function known<A>(agent: A | undefined): readonly A[] {
  return agent === undefined ? [] : [agent];
}
