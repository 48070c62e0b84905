import type { Chain } from '../../src/core/placement/chain.ts';
import { emptyChain, taskFor, withPlace } from '../../src/core/placement/chain.ts';
import { findRoutes } from '../../src/core/placement/find-routes.ts';
import { unitGraphOf } from '../../src/core/placement/unit-graph.ts';
import type { Placer, SubstrateState } from './substrate-state.ts';

/** How good a host is for a unit: the lowest is taken, the first on a tie. Undefined: it is not taken. */
export type HostOrder = (state: SubstrateState, host: number, vcpus: number) => number | undefined;

/**
 * Places unit after unit on the first host in an order that has room for it and a way to all its neighbours. Only the order differs between
 * these baselines; all of them get ways that are looked for as the auction looks for them. `mayShare`: functions of one request may be on one
 * host.
 */
export function byHostOrder(
  order: HostOrder,
  { mayShare = false }: { readonly mayShare?: boolean } = {},
): Placer {
  return (state, service) => {
    const { topology, view } = state;
    const graph = unitGraphOf(service);
    let chain: Chain = emptyChain(0, 0);
    for (const [unit, { demand }] of graph.units.entries()) {
      const task = taskFor(chain, graph, topology, unit, 0);
      const used = new Set(mayShare ? [] : [...chain.places.values()].map((place) => place.host));
      const room = (host: number) =>
        task.takenHosts.reduce(
          (left, [name, vcpus]) => (name === topology.hosts[host]?.name ? left - vcpus : left),
          view.vcpus[host] ?? 0,
        );
      const free = view.bytesPerSec.slice();
      for (const [id, bytesPerSec] of task.takenLinks) {
        const link = topology.linkOf(id) ?? -1;
        free[link] = (free[link] ?? 0) - bytesPerSec;
      }
      const ranked = topology.hosts
        .map((_, host) => ({ host, rank: order(state, host, demand.vcpus) }))
        .filter(({ host, rank }) => rank !== undefined && !used.has(host) && room(host) >= demand.vcpus)
        .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || a.host - b.host);
      let placed = false;
      for (const { host } of ranked) {
        const found = findRoutes(topology, free, host, task.neighbours);
        const name = topology.hosts[host]?.name;
        if (found.kind === 'lack' || name === undefined) continue;
        const bid = { chain: 0, host: name, price: 0, energy: 0, parts: [], routes: found.routes };
        chain = withPlace(chain, graph, { unit, host, bid, answers: [] });
        placed = true;
        break;
      }
      if (!placed) return undefined;
    }
    return chain;
  };
}

/** Functions a host takes before the next one is begun. */
const N_AT_A_TIME = 4;

/** The baselines of the paper's related work (Clayman et al., NOMS 2014) and the two classics of bin packing. */
export const HOST_ORDERS: Readonly<Record<string, HostOrder>> = {
  'first fit': () => 0,
  'best fit': ({ view }, host, vcpus) => (view.vcpus[host] ?? 0) - vcpus,
  'least used host': ({ functions }, host) => functions[host] ?? 0,
  'least busy host': ({ traffic }, host) => traffic[host] ?? 0,
  [`${N_AT_A_TIME} at a time in a host`]: ({ functions }, host) => {
    const there = functions[host] ?? 0;
    // Hosts that are begun come before those that sleep; full ones last, so that nothing is refused for their sake.
    return there >= N_AT_A_TIME ? there : -there;
  },
};
