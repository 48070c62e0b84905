import type { CapabilityName } from '../../protocol/scenario.ts';

/** A goal that one capability puts out to auction and another offers to reach. */
export interface Talk {
  readonly goal: string;
  readonly asks: CapabilityName;
  readonly offers: CapabilityName;
}

/** What capabilities ask of one another (the paper's Figure 5); a test compares it with what they declare. */
export const TALKS: readonly Talk[] = [
  { goal: 'anomalousUsage', asks: 'link-monitor', offers: 'anomaly-detection' },
  { goal: 'linkRateLimited', asks: 'link-monitor', offers: 'rate-limiter' },
  { goal: 'targetRateLimited', asks: 'anomaly-detection', offers: 'rate-limiter' },
  { goal: 'sourcesBlocked', asks: 'anomaly-detection', offers: 'classifier' },
  { goal: 'blocksCarriedOut', asks: 'classifier', offers: 'rate-limiter' },
];

/** What two agents have to do with one another when one vouches for the other. */
export const ATTESTATION = 'attestation';
