import { createHash } from 'node:crypto';
import { exactText } from '../../core/bdi/exact-text.ts';
import type { AgentSnapshot } from '../../core/bdi/snapshot.ts';
import type { Hex } from '../../protocol/ledger.ts';

export function textHash(text: string): Hex {
  return `0x${createHash('sha256').update(text).digest('hex')}`;
}

/** One hash for all states that decide alike: without how often its mailbox was full, which no event tells of. */
export function stateHash(snapshot: AgentSnapshot): Hex {
  const counters = { ...snapshot.counters, refused: 0 };
  return textHash(exactText({ ...snapshot, counters }, true));
}
