import { describe, expect, test } from 'vitest';
import type { FeatureName } from './classifier.ts';
import { classifySource } from './classifier.ts';
import type { SourceSample } from './source-features.ts';

/** Labelled cases: what was measured of a source in `evidenceMs`, and whether it attacks. */
function sample(
  syns: number,
  synAcks: number,
  confirmed: number,
  bytes: number,
  halfOpen: number,
  evidenceMs = 1000,
): SourceSample {
  return {
    source: '10.1.0.1',
    evidenceMs,
    syns,
    synAcks,
    confirmed,
    features: {
      synPerSec: (syns * 1000) / evidenceMs,
      confirmedShare: synAcks === 0 ? 0 : Math.min(1, confirmed / synAcks),
      halfOpen: Math.max(halfOpen, synAcks - confirmed, 0),
      bytesPerConnection: bytes / syns,
    },
  };
}

const CASES: readonly { name: string; sample: SourceSample; attacks: boolean }[] = [
  { name: 'an attacker at 2 000 SYN/s', sample: sample(2000, 400, 0, 108_000, 200), attacks: true },
  { name: 'an attacker at 20 SYN/s', sample: sample(20, 18, 0, 1080, 3), attacks: true },
  { name: 'a user with 40 real connections a second', sample: sample(40, 40, 40, 28_000, 0), attacks: false },
  { name: 'a page user', sample: sample(2, 2, 2, 1900, 0), attacks: false },
  {
    name: 'a client that gave up after a few tries, all answered',
    sample: sample(6, 6, 0, 444, 6, 1500),
    attacks: false,
  },
  { name: 'stray SYNs of somebody who went away', sample: sample(3, 3, 0, 222, 3), attacks: false },
  {
    name: 'a fast retrier whose SYNs the throttle drops before the server',
    sample: sample(30, 0, 0, 2220, 0),
    attacks: false,
  },
  {
    name: 'a busy client behind a lossy path that carries real requests',
    sample: sample(30, 30, 4, 15_000, 8),
    attacks: false,
  },
  {
    name: 'a health checker: connects, is confirmed, sends nothing',
    sample: sample(50, 60, 49, 3700, 6),
    attacks: false,
  },
];

const wrong = (ablate?: FeatureName) =>
  CASES.filter((each) => {
    const judged = classifySource(each.sample, ablate === undefined ? {} : { ablate });
    return (judged.verdict === 'malicious') !== each.attacks;
  }).map((each) => each.name);

describe('the classifier', () => {
  test.each(CASES)('is right about $name', (each) => {
    expect(classifySource(each.sample).verdict === 'malicious').toBe(each.attacks);
  });

  test.each(['confirmedShare', 'halfOpen', 'bytesPerConnection', 'synPerSec'] as const)(
    'needs %s: without it a case goes wrong',
    (feature) => {
      expect(wrong(feature)).not.toEqual([]);
    },
  );

  test('gives its numbers as the reason', () => {
    expect(classifySource(sample(400, 100, 0, 21_600, 60)).reason).toBe(
      '400 SYN/s, 0 of 100 answered handshakes confirmed, 100 half-open, 54 B a connection: score 1.00 over 0.8 in 1000 ms',
    );
  });

  test('wants less evidence of somebody who was blocked before', () => {
    const short = sample(100, 90, 0, 5400, 50, 400);
    expect(classifySource(short).verdict).toBe('undecided');
    expect(classifySource(short, { priorConviction: true }).verdict).toBe('malicious');
  });
});
