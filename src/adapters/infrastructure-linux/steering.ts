import type { ChainOrder } from '../../ports/infrastructure.ts';

/** A port of a site's switch behind which an interface of a unit is. */
export interface SteeredPort {
  readonly port: string;
  readonly mac: string;
  /** Key of its virtual link. */
  readonly link: string;
}

/** A chain with what its hops are on the wire. */
export interface Steering {
  readonly id: string;
  readonly match: ChainOrder['match'];
  readonly hops: readonly { readonly ingress: SteeredPort; readonly egress: SteeredPort }[];
}

/** To whom a packet goes next; `undefined` leaves the destination that its sender gave it. */
export type NextMac = string | undefined;

/** One direction of a chain: what becomes of its packets at the ports of hops, and at those of everybody else. */
export interface Direction {
  /** By the port at which a packet comes out of a hop. */
  readonly at: ReadonlyMap<string, NextMac>;
  /** Those who are no hop: where their packets enter the chain. */
  readonly entry: { readonly link: string; readonly mac: string } | undefined;
}

/** Both directions of a chain, as they stand at one moment. */
export interface SteeringTable {
  readonly id: string;
  readonly match: ChainOrder['match'];
  readonly forward: Direction;
  readonly backward: Direction;
}

/**
 * The chain as a table. A packet is led by the destination address of its frame: the switch that it reaches when it comes out of one hop
 * sets the address of the next; what lies in between, bridges and VXLAN, only delivers. So a unit with one interface for in and out works
 * like any other, and nothing has to be added to packets.
 */
export function steeringTable({ id, match, hops }: Steering): SteeringTable {
  const forward = new Map<string, NextMac>();
  const backward = new Map<string, NextMac>();
  hops.forEach((hop, index) => {
    for (const { port } of [hop.ingress, hop.egress]) {
      forward.set(port, hops[index + 1]?.ingress.mac);
      backward.set(port, hops[index - 1]?.egress.mac);
    }
  });
  const [first, last] = [hops[0]?.ingress, hops.at(-1)?.egress];
  return {
    id,
    match,
    forward: { at: forward, entry: first && { link: first.link, mac: first.mac } },
    backward: { at: backward, entry: last && { link: last.link, mac: last.mac } },
  };
}

/**
 * How a chain is changed while packets flow, one table after the other: first what is new is prepared behind the packets' backs, then the
 * hops that stay are turned from the last to the first, and last of all the entry; at no moment is there a loop or a packet without a way.
 * Before the last table, which takes away what is no longer needed, packets under way have to have arrived.
 */
export function transition(
  before: SteeringTable | undefined,
  after: SteeringTable | undefined,
): readonly SteeringTable[] {
  const any = after ?? before;
  if (any === undefined) return [];
  const none: Direction = { at: new Map(), entry: undefined };
  const { id, match } = any;
  const forward = turns(before?.forward ?? none, after?.forward ?? none, 'last-first');
  const backward = turns(before?.backward ?? none, after?.backward ?? none, 'first-first');
  const steps = Math.max(forward.length, backward.length);
  const end: SteeringTable = {
    id,
    match,
    forward: after?.forward ?? none,
    backward: after?.backward ?? none,
  };
  const between = Array.from({ length: steps }, (_, index) => ({
    id,
    match,
    forward: forward[Math.min(index, forward.length - 1)] ?? end.forward,
    backward: backward[Math.min(index, backward.length - 1)] ?? end.backward,
  }));
  return [...between, end];
}

/** `at` of `after` is in the order of the hops; packets of the way back meet them the other way round. */
function turns(before: Direction, after: Direction, order: 'last-first' | 'first-first'): Direction[] {
  const ports = [...after.at.keys()];
  const turned = order === 'last-first' ? ports.toReversed() : ports;
  const at = new Map(before.at);
  for (const port of ports) if (!before.at.has(port)) at.set(port, after.at.get(port));
  const tables: Direction[] = [{ at: new Map(at), entry: before.entry }];
  for (const port of turned) {
    if (!before.at.has(port) || before.at.get(port) === after.at.get(port)) continue;
    at.set(port, after.at.get(port));
    tables.push({ at: new Map(at), entry: before.entry });
  }
  tables.push({ at: new Map(at), entry: after.entry });
  return tables;
}

/** What a port does with the packets of a chain that come in at it. Undefined: nothing, they are none of this chain's business. */
export function nextAt(
  direction: Direction,
  { port, link }: Pick<SteeredPort, 'port' | 'link'>,
): { readonly mac: NextMac } | undefined {
  if (direction.at.has(port)) return { mac: direction.at.get(port) };
  return direction.entry?.link === link ? { mac: direction.entry.mac } : undefined;
}
