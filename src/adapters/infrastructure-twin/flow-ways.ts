import { createHash } from 'node:crypto';
import { type Flow, partOf, sharedByPorts, shareFlows } from '../../core/chaining/share-flows.ts';
import { unitsOfHop } from '../../core/chaining/units-of-hop.ts';
import type { ChainHop, ChainOrder } from '../../ports/infrastructure.ts';

/** One unit of a step, which carries a flow. */
export type Hop = Omit<ChainHop, 'beside'>;

/** Where systems let their own ports begin (RFC 6335, section 6). */
const FIRST_PORT = 49_152;
const SOMEBODY = '192.0.2.1';
const SOMEWHERE = '198.51.100.1';

/**
 * The units that a flow of a chain goes through: at each step the one that it is addressed to or comes from, or else the one
 * that its part is the share of, as on Linux.
 */
export function wayOf(
  { match, hops }: ChainOrder,
  flow: Flow,
  addressesOf: (unit: string) => readonly string[],
): readonly Hop[] {
  const { ports, ...ends } = flow;
  const part = partOf(sharedByPorts(match) && ports !== undefined ? { ...ends, ports } : ends);
  return hops.map((hop) => {
    const units = unitsOfHop(hop);
    const meant = [flow.destination, flow.source].flatMap(
      (end) => units.find((each) => addressesOf(each).includes(end)) ?? [],
    )[0];
    const unit = meant ?? (units.length === 1 ? hop.unit : (shareFlows(units)[part] ?? hop.unit));
    return { unit, ingress: hop.ingress, egress: hop.egress };
  });
}

/** A flow that the match takes; what it leaves open is somebody's, with a port that goes by the nonce. */
export function anyFlow(match: ChainOrder['match'], nonce: string): Flow {
  const [high = 0, low = 0] = createHash('sha256').update(nonce).digest();
  const ephemeral = FIRST_PORT + (((high << 8) | low) % (65_536 - FIRST_PORT));
  return {
    source: firstOf(match.source) ?? SOMEBODY,
    destination: firstOf(match.destination) ?? SOMEWHERE,
    ports: { source: match.sourcePort ?? ephemeral, destination: match.destinationPort ?? ephemeral },
  };
}

const firstOf = (address: string | undefined): string | undefined => address?.split('/')[0];
