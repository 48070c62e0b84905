import type { UnitUsage } from '../../ports/infrastructure.ts';
import type { Demand } from '../../protocol/descriptors.ts';

/** What a unit had used at a time. */
export interface UsageSample {
  readonly atMs: number;
  readonly usage: UnitUsage;
}

/** Metrics that can be measured: OSM's names where it has them. Others have no reading, and nothing is scaled by them. */
export const METRICS = [
  'cpu_utilization',
  'average_memory_utilization',
  'received_bytes_per_sec',
  'sent_bytes_per_sec',
  'packets_received',
  'packets_sent',
] as const;

/** A metric of one unit between two samples; undefined: it is not measured, or there is nothing to compare with yet. */
export function readingOf(
  metric: string,
  before: UsageSample | undefined,
  now: UsageSample,
  demand: Demand,
): number | undefined {
  const forS = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
  const perSec = (amount: (usage: UnitUsage) => number) =>
    before === undefined || forS <= 0 ? undefined : (amount(now.usage) - amount(before.usage)) / forS;
  switch (metric) {
    case 'cpu_utilization': {
      const busy = perSec(({ cpuSeconds }) => cpuSeconds);
      return busy === undefined || demand.vcpus === 0 ? undefined : (busy / demand.vcpus) * 100;
    }
    case 'average_memory_utilization':
      return demand.memoryMib === 0 ? undefined : (now.usage.memoryMib / demand.memoryMib) * 100;
    case 'received_bytes_per_sec':
      return perSec(({ receivedBytes }) => receivedBytes);
    case 'sent_bytes_per_sec':
      return perSec(({ sentBytes }) => sentBytes);
    // Rates, as OSM takes them from its VIMs.
    case 'packets_received':
      return perSec(({ receivedPackets }) => receivedPackets);
    case 'packets_sent':
      return perSec(({ sentPackets }) => sentPackets);
    default:
      return undefined;
  }
}
