import type { Hex } from '../../protocol/ledger.ts';
import type { Hashing } from './abi-words.ts';
import type { Canonical } from './canonical-text.ts';
import { canonicalText } from './canonical-text.ts';
import type { LedgerState } from './ledger-model.ts';

/**
 * One hash over what a ledger says: who reads the same blocks has the same one. Rounds that have ended are left out; what came of them
 * stands with their agents. So is the block: its hash is signed beside this one.
 */
export function stateHash(state: LedgerState, { keccak256 }: Pick<Hashing, 'keccak256'>): Hex {
  const rounds = [...state.rounds].filter(([, { phase }]) => phase === 'challenged' || phase === 'committed');
  const text = canonicalText(canonical({ ...state, at: undefined, rounds: new Map(rounds) }));
  const bytes = new TextEncoder().encode(text);
  return keccak256(`0x${Array.from(bytes, (each) => each.toString(16).padStart(2, '0')).join('')}`);
}

/** Maps become lists in the order of their keys: the order in which they were filled says nothing. */
function canonical(value: unknown): Canonical {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'object': {
      if (value === null) return '';
      if (Array.isArray(value)) return value.map(canonical);
      if (value instanceof Map) {
        const sorted = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
        return sorted.map(([key, each]) => [canonical(key), canonical(each)]);
      }
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, canonical(each)]));
    }
    default:
      return '';
  }
}
