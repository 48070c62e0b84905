import type { ChainRecord, ServiceShape } from '../../../../src/protocol/service-record.ts';
import { shortOf } from './service-words.ts';

/** A unit that flows are led through, as one box of a chain. */
export interface GraphHop {
  readonly key: string;
  /** With how many others that share its flows. */
  readonly unit: string;
  /** Where it runs, in words. */
  readonly place: string;
  /** Beside the other shape: whether it is only in this one. */
  readonly alone: boolean;
}

export interface GraphRow {
  readonly chain: string;
  readonly flows: string;
  readonly from: string;
  readonly hops: readonly GraphHop[];
}

/** The chains of a shape; what the other shape does not have is marked. */
export function graphRows(shape: ServiceShape, other: ServiceShape | undefined): readonly GraphRow[] {
  const units = new Map(shape.units.map((unit) => [unit.id, unit]));
  const there = new Set(other?.units.map(({ id }) => id));
  return shape.chains.map((chain) => ({
    chain: shortOf(chain.id),
    flows: flowsOf(chain),
    from: chain.from === null ? (chain.match.source ?? 'anybody') : shortOf(chain.from.unit),
    hops: chain.hops.map(({ unit: id, beside = [] }, at) => {
      const record = units.get(id);
      const others = beside.length === 0 ? '' : ` +${beside.length}`;
      return {
        key: `${at} ${id}`,
        unit: `${record?.unit.id ?? shortOf(id)}${others}`,
        place: record?.host === null || record === undefined ? 'not placed' : `${record.host}`,
        alone: other !== undefined && !there.has(id),
      };
    }),
  }));
}

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP' };

/** Which flows a chain takes. */
function flowsOf({ match }: ChainRecord): string {
  const { protocol, source, destination, sourcePort, destinationPort } = match;
  const end = (address: string | undefined, port: number | undefined) =>
    `${address ?? ''}${port === undefined ? '' : `:${port}`}`;
  const [from, to] = [end(source, sourcePort), end(destination, destinationPort)];
  const words = [
    protocol === undefined ? '' : (PROTOCOLS[protocol] ?? `protocol ${protocol}`),
    from === '' ? '' : `from ${from}`,
    to === '' ? '' : `to ${to}`,
  ].filter((word) => word !== '');
  return words.length === 0 ? 'all flows' : words.join(' ');
}
