import type { ChainOrder } from '../../ports/infrastructure.ts';

/** A port of a site's switch behind which an interface of a unit is. */
export interface SteeredPort {
  readonly port: string;
  readonly mac: string;
  /** Key of its virtual link. */
  readonly link: string;
  readonly address?: string;
}

/** A unit at a step of a chain. */
export interface SteeredUnit {
  readonly unit: string;
  readonly ingress: SteeredPort;
  readonly egress: SteeredPort;
}

/** A chain with what its hops are on the wire. */
export interface Steering {
  readonly id: string;
  readonly match: ChainOrder['match'];
  /** The units of each step, which share its flows. */
  readonly steps: readonly (readonly SteeredUnit[])[];
}

/** To which units packets go next, each flow to one of them; none leaves the destination that the sender gave. */
export type Next = readonly { readonly unit: string; readonly mac: string; readonly address?: string }[];

/** One direction of a chain: what becomes of its packets at the ports of hops, and at those of everybody else. */
export interface Direction {
  /** By the port at which a packet comes out of a hop. */
  readonly at: ReadonlyMap<string, Next>;
  /** Those who are no hop: where their packets enter the chain. */
  readonly entry: { readonly link: string; readonly next: Next } | undefined;
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
export function steeringTable({ id, match, steps }: Steering): SteeringTable {
  const forward = new Map<string, Next>();
  const backward = new Map<string, Next>();
  steps.forEach((step, index) => {
    for (const { port } of step.flatMap(({ ingress, egress }) => [ingress, egress])) {
      forward.set(port, behind(steps[index + 1], 'ingress'));
      backward.set(port, behind(steps[index - 1], 'egress'));
    }
  });
  return {
    id,
    match,
    forward: { at: forward, entry: entryOf(steps[0], 'ingress') },
    backward: { at: backward, entry: entryOf(steps.at(-1), 'egress') },
  };
}

function behind(step: readonly SteeredUnit[] = [], side: 'ingress' | 'egress'): Next {
  return step.map(({ unit, [side]: { mac, address } }) => ({
    unit,
    mac,
    ...(address === undefined ? {} : { address }),
  }));
}

function entryOf(step: readonly SteeredUnit[] | undefined, side: 'ingress' | 'egress'): Direction['entry'] {
  const link = step?.[0]?.[side].link;
  return link === undefined ? undefined : { link, next: behind(step, side) };
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
  for (const port of ports) if (!before.at.has(port)) at.set(port, after.at.get(port) ?? []);
  const tables: Direction[] = [{ at: new Map(at), entry: before.entry }];
  for (const port of turned) {
    const [from, to] = [before.at.get(port), after.at.get(port) ?? []];
    if (from === undefined || isSame(from, to)) continue;
    at.set(port, to);
    tables.push({ at: new Map(at), entry: before.entry });
  }
  tables.push({ at: new Map(at), entry: after.entry });
  return tables;
}

const isSame = (one: Next, other: Next): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What a port does with the packets of a chain that come in at it. Undefined: nothing, they are none of this chain's business. */
export function nextAt(
  direction: Direction,
  { port, link }: Pick<SteeredPort, 'port' | 'link'>,
): Next | undefined {
  return direction.at.get(port) ?? (direction.entry?.link === link ? direction.entry.next : undefined);
}
