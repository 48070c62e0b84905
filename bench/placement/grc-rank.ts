import { emptyChain, taskFor, withPlace } from '../../src/core/placement/chain.ts';
import { findRoutes } from '../../src/core/placement/find-routes.ts';
import { unitGraphOf } from '../../src/core/placement/unit-graph.ts';
import type { ServiceGraph } from '../../src/protocol/service-graph.ts';
import type { Placer, SubstrateState } from './substrate-state.ts';

const DAMPING = 0.85;
const PRECISION = 1e-5;

/**
 * GRC-Rank (Gong et al., INFOCOM 2014): nodes of request and substrate are ranked by their global resource capacity; the highest function
 * goes to the highest host that has room, and so on; then links are laid along shortest paths. Nothing is tried a second time.
 */
export const grcRank: Placer = (state, service) => {
  const { topology, view } = state;
  const graph = unitGraphOf(service);
  const hosts = ranked(hostCapacities(state));
  const host = new Map<number, number>();
  for (const unit of ranked(unitCapacities(service))) {
    const vcpus = graph.units[unit]?.demand.vcpus ?? 0;
    const used = new Set(host.values());
    const found = hosts.find((each) => !used.has(each) && (view.vcpus[each] ?? 0) >= vcpus);
    if (found === undefined) return undefined;
    host.set(unit, found);
  }
  let chain = emptyChain(0, 0);
  for (const [unit, number] of host) {
    const task = taskFor(chain, graph, topology, unit, 0);
    const free = view.bytesPerSec.slice();
    for (const [id, bytesPerSec] of task.takenLinks) {
      const link = topology.linkOf(id) ?? -1;
      free[link] = (free[link] ?? 0) - bytesPerSec;
    }
    const routes = findRoutes(topology, free, number, task.neighbours);
    const name = topology.hosts[number]?.name;
    if (routes.kind === 'lack' || name === undefined) return undefined;
    const bid = { chain: 0, host: name, price: 0, energy: 0, parts: [], routes: routes.routes };
    chain = withPlace(chain, graph, { unit, host: number, bid, answers: [] });
  }
  return chain;
};

interface Capacities {
  readonly cpu: readonly number[];
  /** `[one end, other end, bandwidth]` */
  readonly links: readonly (readonly [number, number, number])[];
}

function hostCapacities({ topology, view }: SubstrateState): Capacities {
  return {
    cpu: topology.hosts.map((_, host) => view.vcpus[host] ?? 0),
    links: topology.links.map(({ ends: [a, b] }, link) => [
      topology.hostOf(a) ?? -1,
      topology.hostOf(b) ?? -1,
      view.bytesPerSec[link] ?? 0,
    ]),
  };
}

function unitCapacities({ units, links }: ServiceGraph): Capacities {
  const numbers = new Map(units.map((unit, index) => [unit.id, index]));
  return {
    cpu: units.map((unit) => unit.demand.vcpus),
    links: links.map(({ ends: [a, b], bytesPerSec }) => [
      numbers.get(a) ?? -1,
      numbers.get(b) ?? -1,
      bytesPerSec,
    ]),
  };
}

/** Numbers in the order of r = (1 - d) c + d M r, highest first: c is the share of the CPU, M shares a node's r by bandwidth. */
function ranked({ cpu, links }: Capacities): readonly number[] {
  const total = cpu.reduce((sum, each) => sum + each, 0) || 1;
  const share = cpu.map((each) => each / total);
  const bandwidth = cpu.map(() => 0);
  for (const [a, b, each] of links) {
    bandwidth[a] = (bandwidth[a] ?? 0) + each;
    bandwidth[b] = (bandwidth[b] ?? 0) + each;
  }
  let rank: readonly number[] = share;
  for (let change = Number.POSITIVE_INFINITY; change > PRECISION; ) {
    const next = share.map((each) => (1 - DAMPING) * each);
    for (const [a, b, each] of links) {
      next[a] = (next[a] ?? 0) + (DAMPING * each * (rank[b] ?? 0)) / (bandwidth[b] || 1);
      next[b] = (next[b] ?? 0) + (DAMPING * each * (rank[a] ?? 0)) / (bandwidth[a] || 1);
    }
    change = next.reduce((sum, each, index) => sum + Math.abs(each - (rank[index] ?? 0)), 0);
    rank = next;
  }
  return rank.map((_, index) => index).sort((a, b) => (rank[b] ?? 0) - (rank[a] ?? 0) || a - b);
}
