import { createHash } from 'node:crypto';
import type { Hex } from '../../protocol/ledger.ts';

/** The leaf of a journal's line (without its line feed); another hash than that of the nodes above, so that none passes for a leaf. */
export function journalLeaf(line: string): Hex {
  return `0x${createHash('sha256').update('muster journal 1\n').update(line).digest('hex')}`;
}
