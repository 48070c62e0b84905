import type { ChainOrder } from '../../ports/infrastructure.ts';
import type { Direction, SteeredPort, SteeringTable } from './steering.ts';
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
    ...ruleOf(port, forward, match),
    ...ruleOf(port, backward, reversed(match)),
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

function ruleOf(port: SteeredPort, direction: Direction, match: Match): readonly string[] {
  const next = nextAt(direction, port);
  if (next === undefined) return [];
  const set = next.mac === undefined ? '' : ` ether daddr set ${next.mac}`;
  return [`${matchText(match)} counter${set} accept`];
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
