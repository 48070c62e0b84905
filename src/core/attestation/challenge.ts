import type { Hex } from '../../protocol/ledger.ts';
import type { Hashing } from './abi-words.ts';
import { encodeWords } from './abi-words.ts';
import { merkleTree } from './merkle.ts';

/** One challenge of an incarnation, to be used once. The answer is opened only after the commit that it judges is final. */
export interface Challenge {
  /** Within its batch. */
  readonly index: number;
  readonly nonce: Hex;
  readonly answer: Hex;
  readonly answerHash: Hex;
  readonly proof: readonly Hex[];
}

export interface ChallengeBatch {
  /** What the ledger holds of them. */
  readonly root: Hex;
  readonly challenges: readonly Challenge[];
}

/** What a measurement answers to a challenge: the reference value in place of `measured` gives the right one. */
export function answerTo(nonce: Hex, measured: Hex, { hmacSha256 }: Hashing): Hex {
  return hmacSha256(nonce, measured);
}

export function answerHashOf(answer: Hex, { keccak256 }: Hashing): Hex {
  return keccak256(encodeWords(answer));
}

/** Hashed twice, so that no inner node of the tree can be taken for a leaf. */
export function leafOf(index: number, nonce: Hex, answerHash: Hex, { keccak256 }: Hashing): Hex {
  return keccak256(keccak256(encodeWords(index, nonce, answerHash)));
}

/** Challenges for the reference value of one incarnation, from fresh nonces of 32 bytes. */
export function challengeBatch(
  reference: Hex,
  firstIndex: number,
  nonces: readonly Hex[],
  hashing: Hashing,
): ChallengeBatch {
  const drafts = nonces.map((nonce, i) => {
    const answer = answerTo(nonce, reference, hashing);
    return { index: firstIndex + i, nonce, answer, answerHash: answerHashOf(answer, hashing) };
  });
  const leaves = drafts.map(({ index, nonce, answerHash }) => leafOf(index, nonce, answerHash, hashing));
  const tree = merkleTree(leaves, hashing);
  return { root: tree.root, challenges: drafts.map((each, i) => ({ ...each, proof: tree.proofOf(i) })) };
}
