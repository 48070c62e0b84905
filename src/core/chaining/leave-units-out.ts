import type { ChainRecord } from '../../protocol/service-record.ts';
import { unitsOfHop } from './units-of-hop.ts';

/** The chain with the flows of some units shared out among the others; undefined: a step has none left. */
export function leaveUnitsOut(chain: ChainRecord, isOut: (unit: string) => boolean): ChainRecord | undefined {
  const hops = chain.hops.flatMap(({ ingress, egress, ...hop }) => {
    const [unit, ...beside] = unitsOfHop(hop).filter((each) => !isOut(each));
    return unit === undefined ? [] : [{ unit, ...(beside.length === 0 ? {} : { beside }), ingress, egress }];
  });
  return hops.length < chain.hops.length ? undefined : { ...chain, hops };
}
