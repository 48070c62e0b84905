import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { answerTo, challengeBatch, leafOf } from './challenge.ts';
import { verifyProof } from './merkle.ts';

const hex32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);

describe('a batch of challenges', () => {
  it('proves each of its challenges under its root, and no other', () => {
    fc.assert(
      fc.property(
        hex32,
        fc.uniqueArray(hex32, { minLength: 1, maxLength: 33 }),
        fc.nat(1000),
        (reference, nonces, first) => {
          const { root, challenges } = challengeBatch(reference, first, nonces, hashing);
          expect(challenges.map((each) => each.index)).toEqual(nonces.map((_, i) => first + i));
          for (const { index, nonce, answer, answerHash, proof } of challenges) {
            expect(answer).toBe(answerTo(nonce, reference, hashing));
            expect(verifyProof(leafOf(index, nonce, answerHash, hashing), proof, root, hashing)).toBe(true);
            expect(verifyProof(leafOf(index + 1, nonce, answerHash, hashing), proof, root, hashing)).toBe(
              false,
            );
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is answered rightly by the reference value alone', () => {
    fc.assert(
      fc.property(hex32, hex32, hex32, (nonce, reference, measured) => {
        expect(answerTo(nonce, measured, hashing) === answerTo(nonce, reference, hashing)).toBe(
          measured === reference,
        );
      }),
      { numRuns: 50 },
    );
  });
});
