import type { TruthCounters } from '../../ports/testbed.ts';
import type { Ipv4 } from '../../protocol/ids.ts';
import type { Guard } from './guard.ts';
import { parseNft, tableOf } from './nft.ts';
import { runIn } from './run-tool.ts';
import type { Wire } from './topology.ts';

/** A frame has lost its Ethernet header by the time the ingress hook counts it; at the egress it still has it. */
const ETHERNET_BYTES = 14;

/** Counts at the receiving end of a guarded link what attackers and others got through: for the report alone. */
export async function installTruth(
  { toNamespace, toDevice }: Wire,
  attackers: readonly Ipv4[],
): Promise<void> {
  const elements = attackers.length === 0 ? '' : `elements = { ${attackers.join(', ')} }`;
  await runIn(
    toNamespace,
    ['nft', '-f', '-'],
    `table netdev truth_${tableOf(toDevice)} {
  counter attack { }
  counter other { }
  set attackers { type ipv4_addr; ${elements} }
  chain in {
    type filter hook ingress device "${toDevice}" priority 0;
    meta protocol != ip accept
    ip saddr @attackers counter name attack accept
    counter name other
  }
}
`,
  );
}

export async function readTruth(
  guard: Guard,
  { toNamespace, toDevice }: Wire,
  attackers: ReadonlySet<string>,
): Promise<TruthCounters> {
  const [text, { all }] = await Promise.all([
    guard.readers.list(toNamespace, `counters table netdev truth_${tableOf(toDevice)}`),
    guard.pairs(),
  ]);
  const bytes = new Map(
    parseNft(text).flatMap(({ counter }) =>
      counter === undefined ? [] : [[counter.name, counter.bytes + counter.packets * ETHERNET_BYTES]],
    ),
  );
  let attackOfferedBytes = 0;
  for (const [key, counted] of all)
    if (attackers.has(key.split(' ')[0] ?? '')) attackOfferedBytes += counted.bytes;
  const attackDeliveredBytes = bytes.get('attack') ?? 0;
  const legitimateBytes = bytes.get('other') ?? 0;
  return {
    totalBytes: attackDeliveredBytes + legitimateBytes,
    legitimateBytes,
    attackOfferedBytes,
    attackDeliveredBytes,
  };
}
