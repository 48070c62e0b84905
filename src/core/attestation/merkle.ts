import type { Hex } from '../../protocol/ledger.ts';
import type { Hashing } from './abi-words.ts';

/** A Merkle tree as OpenZeppelin's MerkleProof verifies it: the two of a pair are hashed in ascending order. */
export interface MerkleTree {
  readonly root: Hex;
  /** Siblings from the leaf upwards. */
  proofOf(index: number): readonly Hex[];
}

/** Throws a RangeError without leaves. An odd one out goes up unpaired. */
export function merkleTree(leaves: readonly Hex[], hashing: Hashing): MerkleTree {
  if (leaves.length === 0) throw new RangeError('a Merkle tree needs a leaf');
  const levels: (readonly Hex[])[] = [leaves];
  let top = leaves;
  while (top.length > 1) {
    const above: Hex[] = [];
    for (let i = 0; i < top.length; i += 2) {
      const [left, right] = [top[i], top[i + 1]];
      if (left !== undefined) above.push(right === undefined ? left : hashPair(left, right, hashing));
    }
    levels.push(above);
    top = above;
  }
  return {
    root: top[0] ?? leaves[0] ?? '0x',
    proofOf: (index) => {
      const proof: Hex[] = [];
      let at = index;
      for (const level of levels) {
        const sibling = level[at % 2 === 0 ? at + 1 : at - 1];
        if (sibling !== undefined) proof.push(sibling);
        at = Math.floor(at / 2);
      }
      return proof;
    },
  };
}

export function verifyProof(leaf: Hex, proof: readonly Hex[], root: Hex, hashing: Hashing): boolean {
  return proof.reduce((hash, sibling) => hashPair(hash, sibling, hashing), leaf) === root;
}

function hashPair(a: Hex, b: Hex, { keccak256 }: Hashing): Hex {
  const [low, high] = a < b ? [a, b] : [b, a];
  return keccak256(`0x${low.slice(2)}${high.slice(2)}`);
}
