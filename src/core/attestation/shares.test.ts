import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Share } from './shares.ts';
import { combineShares, recoverSecret, splitSecret } from './shares.ts';

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const sharing = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 8 }))
  .map(([threshold, more]) => ({ threshold, holders: threshold + more }));
const secret = fc.uint8Array({ minLength: 1, maxLength: 40 });

/** That many of them, which ones by `order`. */
function some(shares: readonly Share[], order: readonly number[], count: number): readonly Share[] {
  return shares
    .map((share, i) => ({ share, rank: order[i] ?? 0 }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, count)
    .map(({ share }) => share);
}

describe('a shared secret', () => {
  it('comes back from any threshold of its shares, in any order', () => {
    fc.assert(
      fc.property(secret, sharing, fc.array(fc.nat(), { minLength: 20 }), (bytes, how, order) => {
        const shares = splitSecret(bytes, how, random);
        expect(combineShares(some(shares, order, how.threshold))).toEqual(bytes);
        expect(combineShares(shares)).toEqual(bytes);
      }),
    );
  });

  it('is not told by fewer: they fit every other secret as well', () => {
    fc.assert(
      fc.property(sharing, fc.integer({ min: 0, max: 255 }), (how, other) => {
        fc.pre(how.threshold > 1);
        const known = splitSecret(Uint8Array.of(77), how, random).slice(0, how.threshold - 1);
        // A share at 0 is the secret: with any value there, the known shares lie on one polynomial of the right degree, so that
        // some share of one more holder makes it.
        const x = how.threshold;
        const found = Array.from({ length: 256 }, (_, byte) => byte).filter(
          (byte) => combineShares([...known, { x, bytes: Uint8Array.of(byte) }])[0] === other,
        );
        expect(found).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves shares below the threshold evenly spread, whatever it is', () => {
    const draws = 25_600;
    for (const byte of [0, 255]) {
      const counts = new Array<number>(256).fill(0);
      for (let i = 0; i < draws; i++) {
        const [first] = splitSecret(Uint8Array.of(byte), { threshold: 2, holders: 2 }, random);
        const value = first?.bytes[0] ?? 0;
        counts[value] = (counts[value] ?? 0) + 1;
      }
      const mean = draws / 256;
      const chiSquared = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
      // 255 degrees of freedom: beyond 385 once in ten million.
      expect(chiSquared).toBeLessThan(385);
    }
  });

  it('comes back although a share is wrong, and names whose, within as many tries as there are holders', () => {
    fc.assert(
      fc.property(secret, sharing, fc.nat(), fc.nat(), (bytes, how, who, where) => {
        fc.pre(how.holders > how.threshold && bytes.length >= 4);
        const isRight = (each: Uint8Array) => digest(each) === digest(bytes);
        const shares = splitSecret(bytes, how, random).map((share, i) => {
          if (i !== who % how.holders) return share;
          const bent = Uint8Array.from(share.bytes);
          bent[where % bent.length] = (bent[where % bent.length] ?? 0) ^ 1;
          return { ...share, bytes: bent };
        });
        const found = recoverSecret(shares, how.threshold, isRight, how.holders);
        expect(found?.secret).toEqual(bytes);
        expect(found?.wrong).toEqual([(who % how.holders) + 1]);
      }),
    );
  });

  it('does not come back from too few right ones', () => {
    const bytes = random(32);
    const isRight = (each: Uint8Array) => digest(each) === digest(bytes);
    const [one, two, three] = splitSecret(bytes, { threshold: 2, holders: 3 }, random);
    if (one === undefined || two === undefined || three === undefined) throw new Error('three shares');
    expect(recoverSecret([one], 2, isRight)).toBeUndefined();
    expect(recoverSecret([one, { ...two, bytes: random(32) }], 2, isRight)).toBeUndefined();
    // The same holder twice is one holder.
    expect(recoverSecret([one, one], 2, isRight)).toBeUndefined();
    expect(recoverSecret([one, one, three], 2, isRight)?.secret).toEqual(bytes);
  });

  it('tries no more subsets than it may', () => {
    let tries = 0;
    const shares = splitSecret(random(8), { threshold: 6, holders: 30 }, random);
    const never = () => {
      tries++;
      return false;
    };
    expect(recoverSecret(shares, 6, never, 50)).toBeUndefined();
    expect(tries).toBe(50);
  });

  it('is not made of what is none', () => {
    const bytes = random(3);
    for (const how of [
      { threshold: 0, holders: 3 },
      { threshold: 4, holders: 3 },
      { threshold: 2, holders: 256 },
      { threshold: Number.NaN, holders: 3 },
    ])
      expect(() => splitSecret(bytes, how, random)).toThrow(RangeError);
    for (const none of [
      [],
      [{ x: 0, bytes }],
      [{ x: 256, bytes }],
      [
        { x: 1, bytes },
        { x: 2, bytes: random(4) },
      ],
    ])
      expect(() => combineShares(none)).toThrow(RangeError);
  });
});
