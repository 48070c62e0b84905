import type { Chain } from '../../src/core/placement/chain.ts';
import type { SubstrateView } from '../../src/core/placement/substrate-view.ts';
import { emptyView } from '../../src/core/placement/substrate-view.ts';
import type { Topology } from '../../src/core/placement/topology.ts';
import type { ServiceGraph } from '../../src/protocol/service-graph.ts';

/** What one who sees everything keeps of a substrate. */
export interface SubstrateState {
  readonly topology: Topology;
  readonly view: SubstrateView;
  /** By host: functions that run there, and the bandwidth that they ask for. */
  readonly functions: number[];
  readonly traffic: number[];
}

/** Places a request on a substrate, or not. */
export type Placer = (state: SubstrateState, graph: ServiceGraph) => Chain | undefined;

export function createState(topology: Topology): SubstrateState {
  return {
    topology,
    view: emptyView(topology),
    functions: topology.hosts.map(() => 0),
    traffic: topology.hosts.map(() => 0),
  };
}

/** Takes (1) or gives back (-1) what a chain needs. */
export function take(
  state: SubstrateState,
  { units, links }: ServiceGraph,
  chain: Chain,
  sign: 1 | -1,
): void {
  const { topology, view, functions, traffic } = state;
  for (const { unit, host } of chain.places.values()) {
    const { id, demand } = units[unit] ?? {};
    view.vcpus[host] = (view.vcpus[host] ?? 0) - sign * (demand?.vcpus ?? 0);
    functions[host] = (functions[host] ?? 0) + sign;
    for (const link of links) {
      if (id !== undefined && link.ends.includes(id))
        traffic[host] = (traffic[host] ?? 0) + sign * link.bytesPerSec;
    }
  }
  for (const { path, bytesPerSec } of chain.routes.values()) {
    for (const id of path) {
      const link = topology.linkOf(id) ?? -1;
      view.bytesPerSec[link] = (view.bytesPerSec[link] ?? 0) - sign * bytesPerSec;
    }
  }
}
