import { FLOW_PARTS, FLOW_SEED, sharedByPorts, shareFlows } from '../../core/chaining/share-flows.ts';
import type { ChainOrder } from '../../ports/infrastructure.ts';
import type { Direction, Next, SteeredPort, SteeringTable } from './steering.ts';
import { nextAt } from './steering.ts';

export const STEERING_TABLE = 'muster';

type Match = ChainOrder['match'];

/**
 * The rules of a port, as text for nft: nobody sends under another's hardware address; packets of a chain are sent on to its next hop.
 * Of several chains that match, the one that says most counts.
 */
export function portRules(port: SteeredPort, tables: readonly SteeringTable[]): string {
  const { port: device, mac } = port;
  const ordered = tables.toSorted(
    (a, b) => said(b.match) - said(a.match) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  const lines = ordered.flatMap(({ match, forward, backward }) => [
    ...rulesOf(port, forward, match, 'forward'),
    ...rulesOf(port, backward, reversed(match), 'backward'),
  ]);
  return [
    `add chain netdev ${STEERING_TABLE} ${device} { type filter hook ingress device "${device}" priority 0; }`,
    `flush chain netdev ${STEERING_TABLE} ${device}`,
    ...[`ether saddr != ${mac} drop`, ...lines].map(
      (rule) => `add rule netdev ${STEERING_TABLE} ${device} ${rule}`,
    ),
  ].join('\n');
}

/** Takes a port's chain away, whether the kernel has already done so with its device or not. */
export const withoutPort = (device: string): string =>
  ['add', 'flush', 'delete'].map((verb) => `${verb} chain netdev ${STEERING_TABLE} ${device}`).join('\n');

type Way = 'forward' | 'backward';

function rulesOf(port: SteeredPort, direction: Direction, match: Match, way: Way): readonly string[] {
  const next = nextAt(direction, port);
  if (next === undefined) return [];
  const text = matchText(match);
  const meant = next.filter(({ address }) => address !== undefined && address === match.destination);
  const [one, ...others] = meant.length > 0 ? meant : next;
  if (one === undefined) return [`${text} counter accept`];
  if (others.length === 0) return [`${text} counter ether daddr set ${one.mac} accept`];
  // What is addressed to one of them is its own business; the rest is shared out.
  const own = next.flatMap(({ mac, address }) =>
    address === undefined || isOneAddress(match.destination)
      ? []
      : [`${text} ip daddr ${address} counter ether daddr set ${mac} accept`],
  );
  return [...own, `${text} counter ether daddr set ${sharedOut(next, match, way)} accept`];
}

const isOneAddress = (text: string | undefined): boolean => text !== undefined && !text.includes('/');

/** The same for packets of both directions: a flow comes back through the units that it went through. */
function sharedOut(next: Next, match: Match, way: Way): string {
  const ends = ['saddr', 'daddr'].map((each) => `ip ${each}`);
  const ports = sharedByPorts(match) ? ['sport', 'dport'].map((each) => `th ${each}`) : [];
  const key = [ends, ports].flatMap((each) => (way === 'forward' ? each : each.toReversed())).join(' . ');
  const macs = new Map(next.map(({ unit, mac }) => [unit, mac]));
  const shares = shareFlows([...macs.keys()]).map((unit, part) => `${part} : ${macs.get(unit)}`);
  return `jhash ${key} mod ${FLOW_PARTS} seed ${FLOW_SEED} map { ${shares.join(', ')} }`;
}

/** How many things a match says. */
function said(match: Match): number {
  return Object.values(match).filter((each) => each !== undefined).length;
}

export function reversed({ protocol, source, destination, sourcePort, destinationPort }: Match): Match {
  return {
    ...(protocol !== undefined && { protocol }),
    ...(destination !== undefined && { source: destination }),
    ...(source !== undefined && { destination: source }),
    ...(destinationPort !== undefined && { sourcePort: destinationPort }),
    ...(sourcePort !== undefined && { destinationPort: sourcePort }),
  };
}

function matchText({ protocol, source, destination, sourcePort, destinationPort }: Match): string {
  const ports = sourcePort !== undefined || destinationPort !== undefined;
  return [
    'meta protocol ip',
    ...(source === undefined ? [] : [`ip saddr ${source}`]),
    ...(destination === undefined ? [] : [`ip daddr ${destination}`]),
    ...(protocol === undefined ? (ports ? ['ip protocol { 6, 17 }'] : []) : [`ip protocol ${protocol}`]),
    ...(sourcePort === undefined ? [] : [`th sport ${sourcePort}`]),
    ...(destinationPort === undefined ? [] : [`th dport ${destinationPort}`]),
  ].join(' ');
}
