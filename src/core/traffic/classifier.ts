import type { SourceFeatures, SourceSample } from './source-features.ts';

export type FeatureName = keyof SourceFeatures;

/**
 * Evidence per feature: how strongly it speaks for an attack, in [0, 1], and its weight. The weights add up to 1; a source is
 * malicious from `THRESHOLD` on, so that no three features convict where the fourth speaks against it.
 */
const WEIGHTS: Readonly<Record<FeatureName, number>> = {
  synPerSec: 0.25,
  confirmedShare: 0.25,
  halfOpen: 0.25,
  bytesPerConnection: 0.25,
};
export const THRESHOLD = 0.8;
const BENIGN_BELOW = 0.55;
/** Evidence needed before anybody is convicted, and of those convicted before. */
const MIN_EVIDENCE_MS = 550;
const MIN_EVIDENCE_AGAIN_MS = 350;
const MIN_SYNS = 6;

export interface Classification {
  readonly verdict: 'malicious' | 'benign' | 'undecided';
  readonly score: number;
  readonly threshold: number;
  /** In [0, 1]: how far from the threshold, and on how much evidence. */
  readonly confidence: number;
  readonly reason: string;
}

export interface ClassifyOptions {
  /** Leaves one feature out: the others' weights are scaled up. For experiments. */
  readonly ablate?: FeatureName;
  /** Was blocked before: less evidence is asked for. */
  readonly priorConviction?: boolean;
}

/** Whether a source takes part in a SYN flood, with a score and a reason in words. */
export function classifySource(sample: SourceSample, options: ClassifyOptions = {}): Classification {
  const { features, syns, synAcks, confirmed, evidenceMs } = sample;
  const evidence: Readonly<Record<FeatureName, number>> = {
    synPerSec: ramp(features.synPerSec, 4, 14),
    confirmedShare: 1 - ramp(features.confirmedShare, 0.2, 0.7),
    halfOpen: ramp(features.halfOpen, 1, 5),
    bytesPerConnection: 1 - ramp(features.bytesPerConnection, 90, 260),
  };
  let sum = 0;
  let weight = 0;
  for (const name of FEATURES) {
    if (name === options.ablate) continue;
    sum += WEIGHTS[name] * evidence[name];
    weight += WEIGHTS[name];
  }
  const score = sum / weight;
  const minEvidenceMs = options.priorConviction === true ? MIN_EVIDENCE_AGAIN_MS : MIN_EVIDENCE_MS;
  const enough = evidenceMs >= minEvidenceMs && syns >= MIN_SYNS;
  const verdict = score >= THRESHOLD && enough ? 'malicious' : score < BENIGN_BELOW ? 'benign' : 'undecided';
  const confidence =
    Math.min(1, (syns / 20) * (evidenceMs / 1000)) * Math.min(1, Math.abs(score - THRESHOLD) / 0.2);
  const side = score >= THRESHOLD ? 'over' : 'under';
  const prior = options.priorConviction === true ? ', was blocked before' : '';
  const reason = `${Math.round(features.synPerSec)} SYN/s, ${confirmed} of ${synAcks} answered handshakes confirmed, ${Math.round(features.halfOpen)} half-open, ${Math.round(features.bytesPerConnection)} B a connection: score ${score.toFixed(2)} ${side} ${THRESHOLD} in ${evidenceMs} ms${prior}`;
  return { verdict, score, threshold: THRESHOLD, confidence, reason };
}

const FEATURES: readonly FeatureName[] = ['synPerSec', 'confirmedShare', 'halfOpen', 'bytesPerConnection'];

function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
