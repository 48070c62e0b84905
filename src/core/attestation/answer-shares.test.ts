import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import { answerOfShares, sharePlanOf, sharesOfAnswer } from './answer-shares.ts';
import { answerHashOf, answerTo } from './challenge.ts';

const hex32 = () => toHex(randomBytes(32));

describe('who holds shares of an answer', () => {
  it('is never the site of its agent', () => {
    const sites = ['core', 'east', 'west'];
    expect(sharePlanOf(sites, 'core')).toEqual({ sites: ['east', 'west'], threshold: 2 });
    expect(sharePlanOf(sites, 'east')).toEqual({ sites: ['west', 'core'], threshold: 2 });
    expect(sharePlanOf(['one'], 'one')).toEqual({ sites: [], threshold: 1 });
    expect(sharePlanOf(['one', 'two'], 'one')).toEqual({ sites: ['two'], threshold: 2 });
  });

  it('is eight of many sites, spread over them', () => {
    const sites = Array.from({ length: 50 }, (_, i) => `s${String(i).padStart(2, '0')}`);
    const plan = sharePlanOf(sites, 's47');
    expect(plan.sites).toEqual(['s48', 's49', 's00', 's01', 's02', 's03', 's04', 's05']);
    expect(plan.threshold).toBe(5);
  });
});

describe('shares of an answer', () => {
  const [reference, nonce] = [hex32(), hex32()];
  const plan = sharePlanOf(['a', 'b', 'c', 'd'], 'a');
  const answer = answerTo(nonce, reference, hashing);
  const answerHash = answerHashOf(answer, hashing);

  it('are the same each time, and others for another nonce or reference value', () => {
    const shares = sharesOfAnswer(reference, nonce, plan, hashing);
    expect(sharesOfAnswer(reference, nonce, plan, hashing)).toEqual(shares);
    expect(shares).toHaveLength(4);
    const told = [
      shares,
      sharesOfAnswer(hex32(), nonce, plan, hashing),
      sharesOfAnswer(reference, hex32(), plan, hashing),
    ].flatMap((each) => each.map(({ bytes }) => toHex(bytes)));
    expect(new Set(told).size).toBe(12);
    expect(told).not.toContain(answer);
  });

  it('make the answer with one of them missing and none wrong, or one wrong and none missing', () => {
    const shares = sharesOfAnswer(reference, nonce, plan, hashing);
    const of = (some: typeof shares) => answerOfShares(some, plan.threshold, answerHash, hashing);
    expect(of(shares.slice(1))).toEqual({ answer, wrong: [] });
    const bent = shares.map((share) =>
      share.x === 3 ? { ...share, bytes: new Uint8Array(randomBytes(32)) } : share,
    );
    expect(of(bent)).toEqual({ answer, wrong: [3] });
    expect(of(bent.slice(1))).toBeUndefined();
    expect(of(shares.slice(2))).toBeUndefined();
    expect(of([{ x: 9, bytes: new Uint8Array(5) }, ...shares])).toEqual({ answer, wrong: [] });
  });
});
