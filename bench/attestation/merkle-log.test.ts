import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MerkleLog } from './merkle-log.ts';

const hash = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, 2.1, word for word. */
function rootOf(records: readonly Uint8Array[]): Buffer {
  const [first] = records;
  if (first === undefined) return hash();
  if (records.length === 1) return hash(Uint8Array.of(0), first);
  let k = 1;
  while (2 * k < records.length) k *= 2;
  return hash(Uint8Array.of(1), rootOf(records.slice(0, k)), rootOf(records.slice(k)));
}

describe('a Merkle log', () => {
  it('has the root that the standard gives, at every size', () => {
    const log = new MerkleLog();
    const records: Uint8Array[] = [];
    for (let size = 0; size <= 70; size++) {
      expect(log.root()).toEqual(rootOf(records));
      expect(log.size).toBe(size);
      records.push(Buffer.from(`record ${size}`));
      log.append(Buffer.from(`record ${size}`));
    }
  });
});
