import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';

export interface FlowHop {
  /** Id of the chain. */
  readonly chain: string;
  /** From 1. */
  readonly step: number;
  readonly id: string;
  /** As placement names it. */
  readonly unit: string;
  readonly host: string;
}

/** The hops of a service's chains, each where its unit runs; one of a unit without a host is left out. */
export function hopsOf(service: ServiceInstance | undefined): readonly FlowHop[] {
  if (service === undefined) return [];
  const { units, chains } = service.shape;
  const known = new Map(units.map((each) => [each.id, each]));
  return chains.flatMap(({ id, hops }) =>
    hops.flatMap(({ unit }, at): readonly FlowHop[] => {
      const there = known.get(unit);
      if (there === undefined || there.host === null) return [];
      return [{ chain: id, step: at + 1, id: unit, unit: there.unit.id, host: there.host }];
    }),
  );
}

/** Pairs of hops that follow one another. */
export function legsOf(hops: readonly FlowHop[]): readonly (readonly [FlowHop, FlowHop])[] {
  return hops.flatMap((hop, at) => {
    const next = hops[at + 1];
    return next !== undefined && next.chain === hop.chain ? [[hop, next] as const] : [];
  });
}
