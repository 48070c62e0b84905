import type { AgentKey, Evidence, Hex } from '../../protocol/ledger.ts';
import type { Hashing } from './abi-words.ts';
import { encodeArrays, encodeWords } from './abi-words.ts';

/** Where a binding is worth something. */
export interface RoundPlace {
  readonly chainId: number;
  readonly contract: Hex;
  readonly round: number;
  readonly agent: AgentKey;
}

export function evidenceHashOf(evidence: Evidence, { keccak256 }: Hashing): Hex {
  const { bootId, pid, startTime, incarnation, decisionHead, kemKey, frameKey, quoteHash } = evidence;
  return keccak256(
    encodeWords(bootId, pid, startTime, incarnation, decisionHead, kemKey, frameKey, quoteHash),
  );
}

/**
 * What a guard commits to: its evidence and the answer together. It hides the answer, and nobody without the answer can make it
 * for other keys, chain, contract or round, not even who holds the guard's account.
 */
export function bindingOf(
  { chainId, contract, round, agent }: RoundPlace,
  evidence: Evidence,
  answer: Hex,
  hashing: Hashing,
): Hex {
  return hashing.keccak256(
    encodeWords(chainId, contract, round, agent, evidenceHashOf(evidence, hashing), answer),
  );
}

export interface RosterMember {
  readonly key: AgentKey;
  readonly incarnation: number;
  readonly kemKey: Hex;
  readonly frameKey: Hex;
}

/** Members of the group in the order in which the ledger asks for them. */
export function inRosterOrder<T extends { readonly key: AgentKey }>(members: readonly T[]): readonly T[] {
  return [...members].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Names an epoch's members and their keys; `members` in roster order. */
export function rosterHashOf(members: readonly RosterMember[], { keccak256 }: Hashing): Hex {
  return keccak256(
    encodeArrays(
      members.map((each) => each.key),
      members.map((each) => each.incarnation),
      members.map((each) => each.kemKey),
      members.map((each) => each.frameKey),
    ),
  );
}
