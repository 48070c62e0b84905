/** Who vouches for an agent: the first is whoever was attested before it, the others are drawn by the ledger among the rest. */
export interface Vouching<A extends string = string> {
  readonly of: A;
  readonly by: readonly A[];
}

/**
 * Verifiers of each agent when rounds go in this order: `perRound` of them, each behind a guard of its own and none behind the agent's. The one
 * that comes before it is taken if it can be, else whoever has least to do of those that come next before it. Fewer where there are not
 * so many other sites. Where all are at one site they share its guard, and vouch for one another all the same.
 */
export function verifiersInOrder<A extends string>(
  order: readonly A[],
  siteOf: (agent: A) => string | undefined,
  perRound: number,
): readonly Vouching<A>[] {
  const isOneSite = new Set(order.map(siteOf)).size === 1;
  const guardOf = (agent: A) => (isOneSite ? agent : siteOf(agent));
  const load = new Map<A, number>();
  const vouching = order.map((of) => ({ of, by: [] as A[] }));
  // Seat after seat for all of them, so that each seat is spread by itself.
  for (let seat = 0; seat < perRound; seat++) {
    for (const [place, { of, by }] of vouching.entries()) {
      const guards = new Set([of, ...by].map(guardOf));
      let best: A | undefined;
      for (let back = 1; back < order.length; back++) {
        const candidate = order.at(place - back);
        if (candidate === undefined || guards.has(guardOf(candidate))) continue;
        if (best === undefined || (load.get(candidate) ?? 0) < (load.get(best) ?? 0)) best = candidate;
      }
      if (best === undefined) continue;
      by.push(best);
      load.set(best, (load.get(best) ?? 0) + 1);
    }
  }
  even(vouching, order, load, guardOf);
  return vouching;
}

/** Moves seats from who has most to do to whoever may take them and has at least two less, as long as there is one. */
function even<A extends string>(
  vouching: readonly { readonly of: A; readonly by: A[] }[],
  order: readonly A[],
  load: Map<A, number>,
  guardOf: (agent: A) => unknown,
): void {
  const loadOf = (agent: A) => load.get(agent) ?? 0;
  const moved = (): boolean => {
    const most = Math.max(...order.map(loadOf));
    for (const { of, by } of vouching) {
      const seat = by.findIndex((name) => loadOf(name) === most);
      const busiest = by[seat];
      if (busiest === undefined) continue;
      const guards = new Set([of, ...by].filter((name) => name !== busiest).map(guardOf));
      const other = order.find((name) => !guards.has(guardOf(name)) && loadOf(name) <= most - 2);
      if (other === undefined) continue;
      by[seat] = other;
      load.set(busiest, most - 1);
      load.set(other, loadOf(other) + 1);
      return true;
    }
    return false;
  };
  while (moved());
}
