import { createHash } from 'node:crypto';

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** A Merkle tree over a log (RFC 6962, 2.1), of which only the roots of its full subtrees are kept: it can be added to, never changed. */
export class MerkleLog {
  /** Of subtrees of falling size, one for each bit of `size`. */
  readonly #peaks: { readonly size: number; readonly hash: Buffer }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(record: Uint8Array): void {
    let peak = { size: 1, hash: sha256(LEAF, record) };
    for (let last = this.#peaks.at(-1); last?.size === peak.size; last = this.#peaks.at(-1)) {
      this.#peaks.pop();
      peak = { size: 2 * peak.size, hash: sha256(NODE, last.hash, peak.hash) };
    }
    this.#peaks.push(peak);
    this.#size++;
  }

  root(): Buffer {
    const hashes = this.#peaks.map((each) => each.hash);
    if (hashes.length === 0) return sha256();
    return hashes.reduceRight((right, left) => sha256(NODE, left, right));
  }
}

/** What a witness signs: size and root of a log. */
export function headBytes(size: number, root: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`muster tree head ${size} `), root]);
}
