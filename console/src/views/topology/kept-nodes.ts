import type { Edge } from '@xyflow/react';
import type { NetworkAgent, NetworkHost, NetworkSite, Placed } from '../../data/network/network.ts';
import type { FlowHop } from './flows.ts';
import type { MapNode } from './map-boxes.ts';

/** The same nodes, each as it was before where it says the same: of a large network little changes from one moment to the next. */
export function kept(nodes: readonly MapNode[], before: readonly MapNode[]): readonly MapNode[] {
  const old = new Map(before.map((each) => [each.id, each]));
  return nodes.map((node) => {
    const was = old.get(node.id);
    return was !== undefined && isSameBox(was, node) && saysTheSame(was, node) ? was : node;
  });
}

/** The same for what joins them. */
export function keptEdges(edges: readonly Edge[], before: readonly Edge[]): readonly Edge[] {
  const old = new Map(before.map((each) => [each.id, each]));
  return edges.map((edge) => {
    const was = old.get(edge.id);
    return was !== undefined && JSON.stringify(was) === JSON.stringify(edge) ? was : edge;
  });
}

/** Whether these are the very same things, one by one. */
export function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return eachSame(one, other, (a, b) => a === b);
}

function isSameBox(one: MapNode, other: MapNode): boolean {
  return (
    one.position.x === other.position.x &&
    one.position.y === other.position.y &&
    one.width === other.width &&
    one.height === other.height &&
    one.zIndex === other.zIndex
  );
}

function saysTheSame(one: MapNode, other: MapNode): boolean {
  if (one.type === 'site' && other.type === 'site') {
    const [a, b] = [one.data, other.data];
    return (
      a.level === b.level && a.inside === b.inside && isSameWay(a.hops, b.hops) && isSameSite(a.site, b.site)
    );
  }
  if (one.type === 'host' && other.type === 'host') {
    const [a, b] = [one.data, other.data];
    return a.level === b.level && isSameWay(a.hops, b.hops) && isSameHost(a.host, b.host);
  }
  return one.type === 'joint' && other.type === 'joint' && one.data.kind === other.data.kind;
}

function isSameWay(one: readonly FlowHop[], other: readonly FlowHop[]): boolean {
  return eachSame(one, other, (a, b) => a.id === b.id && a.step === b.step && a.chain === b.chain);
}

function isSameSite(one: NetworkSite, other: NetworkSite): boolean {
  return (
    one.name === other.name && one.silent === other.silent && eachSame(one.hosts, other.hosts, isSameHost)
  );
}

function isSameHost(one: NetworkHost, other: NetworkHost): boolean {
  return (
    one === other ||
    (one.name === other.name &&
      one.vcpus.used === other.vcpus.used &&
      one.vcpus.total === other.vcpus.total &&
      one.memoryMib.used === other.memoryMib.used &&
      one.memoryMib.total === other.memoryMib.total &&
      eachSame(one.placed, other.placed, isSamePlaced) &&
      eachSame(one.agents, other.agents, isSameAgent))
  );
}

function isSamePlaced(one: Placed, other: Placed): boolean {
  return one.id === other.id && one.state === other.state && one.service === other.service;
}

function isSameAgent(one: NetworkAgent, other: NetworkAgent): boolean {
  return (
    one.name === other.name &&
    one.trust === other.trust &&
    eachSame(one.roles, other.roles, (a, b) => a === b)
  );
}

function eachSame<T>(one: readonly T[], other: readonly T[], isSame: (a: T, b: T) => boolean): boolean {
  if (one.length !== other.length) return false;
  return one.every((each, at) => {
    const its = other[at];
    return its !== undefined && isSame(each, its);
  });
}
