import { concatHex, decodeFunctionData, encodeAbiParameters, keccak256, parseAbiParameters } from 'viem';
import type { LedgerState, RoundState } from '../../core/attestation/ledger-model.ts';
import { attestedAt } from '../../core/attestation/ledger-state.ts';
import type { Evidence, Hex, LedgerEvent, PipelineAddress } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { attestationLedgerAbi } from '../ledger/abi.ts';

const EVIDENCE = parseAbiParameters(
  '(bytes32 bootId, uint64 pid, uint64 startTime, uint32 incarnation, bytes32 decisionHead, bytes32 kemKey, bytes32 frameKey, bytes32 quoteHash)',
);
const BINDING = parseAbiParameters('uint256, address, uint64, bytes32, bytes32, bytes32');
const LEAF = parseAbiParameters('uint32, bytes32, bytes32');
const WORD = parseAbiParameters('bytes32');
const ROSTER = parseAbiParameters('bytes32[], uint32[], bytes32[], bytes32[]');

/** What the answer of a round was promised by. */
export function answerHashOf(answer: Hex): Hex {
  return keccak256(encodeAbiParameters(WORD, [answer]));
}

/** Leaf of a challenge under the root that was registered, hashed twice (OpenZeppelin MerkleProof). */
export function challengeLeafOf({
  index,
  nonce,
  answerHash,
}: Extract<LedgerEvent, { kind: 'RoundOpened' }>): Hex {
  return keccak256(concatHex([keccak256(encodeAbiParameters(LEAF, [index, nonce, answerHash]))]));
}

/** Hash over who is keyed at a time, ascending, as the contract demands it of an epoch. */
export function rosterOf(state: LedgerState, time: number): Hex {
  const agents = [...state.agents.values()]
    .filter((each) => each.kemKey !== ZERO && attestedAt(state, each.agent, time))
    .toSorted((a, b) => (a.agent < b.agent ? -1 : 1));
  return keccak256(
    encodeAbiParameters(ROSTER, [
      agents.map((each) => each.agent),
      agents.map((each) => each.incarnation),
      agents.map((each) => each.kemKey),
      agents.map((each) => each.frameKey),
    ]),
  );
}

/** The call that a transaction made; undefined when it made another. */
export function callOf(data: Hex, name: string) {
  try {
    const call = decodeFunctionData({ abi: attestationLedgerAbi, data });
    return call.functionName === name ? call : undefined;
  } catch {
    return undefined;
  }
}

/** Over the evidence, as a commit binds it. */
export function evidenceHashOf(evidence: Evidence): Hex {
  const { pid, startTime } = evidence;
  return keccak256(
    encodeAbiParameters(EVIDENCE, [{ ...evidence, pid: BigInt(pid), startTime: BigInt(startTime) }]),
  );
}

/** What a commit must have said if that answer is right. */
export function bindingOf(
  round: RoundState,
  evidence: Evidence,
  answer: Hex,
  { chainId, attestation }: PipelineAddress,
): Hex {
  return keccak256(
    encodeAbiParameters(BINDING, [
      BigInt(chainId),
      attestation,
      BigInt(round.round),
      round.agent,
      evidenceHashOf(evidence),
      answer,
    ]),
  );
}

/** Root that a Merkle proof leads to, pairs sorted (OpenZeppelin MerkleProof). */
export function rootOf(leaf: Hex, proof: readonly Hex[]): Hex {
  return proof.reduce<Hex>(
    (hash, each) => keccak256(concatHex(hash < each ? [hash, each] : [each, hash])),
    leaf,
  );
}
