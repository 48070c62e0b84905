import { jenkinsHash } from './jenkins-hash.ts';

/** Flows are dealt out in so many parts, each of which one unit of a step carries: no fewer than a service may have units. */
export const FLOW_PARTS = 256;
/** Any number, the same everywhere: what two sites, or a site and the twin, deal out falls to the same unit. */
export const FLOW_SEED = 0x6d757374;

/** Who speaks to whom, as the first packet of a flow has it; no ports where its chain's match names none. */
export interface Flow {
  readonly source: string;
  readonly destination: string;
  readonly ports?: { readonly source: number; readonly destination: number };
}

/**
 * Whether flows of a match are told apart by their ports too. Where the match names none, packets may come that have none (fragments, ICMP),
 * and go the way of all others between the same two addresses.
 */
export function sharedByPorts(match: {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}): boolean {
  return match.sourcePort !== undefined || match.destinationPort !== undefined;
}

/** In which part a flow falls: as nftables counts `jhash ip saddr . ip daddr . th sport . th dport mod 256`, with ports in words of their own. */
export function partOf({ source, destination, ports }: Flow): number {
  const port = (of: number) => [of >> 8, of & 255, 0, 0];
  const bytes = [
    ...source.split('.').map(Number),
    ...destination.split('.').map(Number),
    ...(ports === undefined ? [] : [...port(ports.source), ...port(ports.destination)]),
  ];
  return Math.floor((jenkinsHash(Uint8Array.from(bytes), FLOW_SEED) / 2 ** 32) * FLOW_PARTS);
}

/**
 * Which unit carries each part, by rendezvous (Thaler, Ravishankar 1998): the one that weighs most with it. So of the flows none changes its
 * unit when another comes or goes, but those that the one that comes takes, or the one that goes has had.
 */
export function shareFlows(units: readonly string[]): readonly string[] {
  const [first] = units;
  if (first === undefined) return [];
  const text = new TextEncoder();
  const seeded = units.map((unit) => ({ unit, seed: jenkinsHash(text.encode(unit), FLOW_SEED) }));
  return Array.from({ length: FLOW_PARTS }, (_, part) => {
    let most = { unit: first, weight: -1 };
    for (const { unit, seed } of seeded) {
      const weight = jenkinsHash(Uint8Array.of(part & 255, part >> 8, 0, 0), seed);
      if (weight > most.weight || (weight === most.weight && unit < most.unit)) most = { unit, weight };
    }
    return most.unit;
  });
}
