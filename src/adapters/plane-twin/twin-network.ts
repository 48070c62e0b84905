import type { Random } from '../../ports/random.ts';
import type { Ipv4, LinkId, NodeName } from '../../protocol/ids.ts';
import { ipv4, linkId } from '../../protocol/ids.ts';
import type { Topology } from '../../protocol/scenario.ts';

export interface GuardedSpec {
  readonly link: LinkId;
  readonly capacityBytesPerSec: number;
  readonly queueBytes: number;
}

/** Links with a stated capacity: those that can be monitored and limited. */
export function guardedSpecs(topology: Topology): readonly GuardedSpec[] {
  const specs: GuardedSpec[] = [];
  for (const { from, to, capacityBytesPerSec, queueBytes } of topology.trunks) {
    if (capacityBytesPerSec !== undefined)
      specs.push({ link: linkId(from, to), capacityBytesPerSec, queueBytes });
  }
  for (const { name, switch: at, capacityBytesPerSec, queueBytes } of topology.hosts) {
    if (capacityBytesPerSec !== undefined)
      specs.push({ link: linkId(at, name), capacityBytesPerSec, queueBytes });
  }
  return specs;
}

/** Addresses of the hosts, in the topology's order: 10.0.0.x and up. */
export function hostAddresses(topology: Topology): ReadonlyMap<NodeName, Ipv4> {
  return new Map(topology.hosts.map((host, index) => [host.name, addressAt(index + 1)]));
}

/**
 * Addresses for users and attackers out of one pool, in an order that the seed decides: an address says nothing about who
 * it is.
 */
export function createAddressPool(random: Random, size: number): () => Ipv4 {
  const pool = random.shuffle(Array.from({ length: size }, (_, index) => index));
  let taken = 0;
  return () => {
    const index = pool[taken++];
    if (index === undefined) throw new RangeError('more users and attackers than addresses');
    return addressAt(65_536 + index + 1);
  };
}

function addressAt(index: number): Ipv4 {
  return ipv4(`10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`);
}

/** Directed links on the shortest way from a switch to a host, in order. */
export function pathTo(topology: Topology, fromSwitch: NodeName, host: NodeName): readonly LinkId[] {
  const at = topology.hosts.find((each) => each.name === host)?.switch;
  if (at === undefined) return [];
  const next = new Map<NodeName, NodeName[]>();
  for (const { from, to } of topology.trunks) {
    next.set(from, [...(next.get(from) ?? []), to]);
    next.set(to, [...(next.get(to) ?? []), from]);
  }
  const cameFrom = new Map<NodeName, NodeName | undefined>([[fromSwitch, undefined]]);
  const queue: NodeName[] = [fromSwitch];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const neighbour of next.get(node) ?? []) {
      if (cameFrom.has(neighbour)) continue;
      cameFrom.set(neighbour, node);
      queue.push(neighbour);
    }
  }
  const links: LinkId[] = [linkId(at, host)];
  for (let node: NodeName | undefined = at; node !== undefined; ) {
    const before: NodeName | undefined = cameFrom.get(node);
    if (before !== undefined) links.unshift(linkId(before, node));
    node = before;
  }
  return links;
}
