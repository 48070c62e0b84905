import type { ServiceInstance } from '../../protocol/service-record.ts';

/** How long a site may be silent before its units are dealt with, where nobody has said. */
export const USUAL_GRACE_MS = 2000;

export type PartitionVerdict =
  | { readonly kind: 'wait'; readonly untilMs: number; readonly reason: string }
  /** Units there are replaced at other sites. */
  | { readonly kind: 'move'; readonly reason: string }
  /** Nothing is started elsewhere, and no flow is led there any more. */
  | { readonly kind: 'fence'; readonly reason: string }
  | { readonly kind: 'stay'; readonly reason: string };

/** What becomes of the units of a service on a site that has been silent since `lostAtMs`. */
export function judgePartition(
  { onPartition, partitionGraceMs }: Pick<ServiceInstance, 'onPartition' | 'partitionGraceMs'>,
  site: string,
  lostAtMs: number,
  nowMs: number,
): PartitionVerdict {
  const silentMs = nowMs - lostAtMs;
  const silent = `the site ${site} has been silent for ${Math.round(silentMs / 100) / 10} s`;
  if (onPartition === 'stay')
    return { kind: 'stay', reason: `${silent}: onPartition is stay, so its units are waited for` };
  if (silentMs < partitionGraceMs) {
    const untilMs = lostAtMs + partitionGraceMs;
    return { kind: 'wait', untilMs, reason: `${silent} of ${partitionGraceMs / 1000} s that it may be` };
  }
  return onPartition === 'move'
    ? { kind: 'move', reason: `${silent}: its units move to other sites` }
    : {
        kind: 'fence',
        reason: `${silent}: onPartition is fence, so no flow is led there and nothing takes its place`,
      };
}
