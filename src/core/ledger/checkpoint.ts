import type { Checkpoint } from '../../protocol/checkpoint.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { Hashing } from '../attestation/abi-words.ts';
import { encodeTuple } from '../attestation/abi-words.ts';
import type { LedgerState } from '../attestation/ledger-model.ts';
import { stateHash } from '../attestation/state-hash.ts';

type Chain = Pick<Checkpoint, 'chainId' | 'genesisHash' | 'attestation' | 'keys'>;
type Keccak = Pick<Hashing, 'keccak256'>;

/** The cryptography that checking a checkpoint takes; the core has none of its own. */
export interface SignatureChecks extends Keccak {
  /** Whether an EIP-191 signature over a digest is that of an account. */
  signedBy(digest: Hex, signature: Hex, account: Hex): Promise<boolean>;
}

/** What the operator signs: who may co-sign this pipeline's blocks, and how many it takes. */
export function rosterDigest(c: Chain & Pick<Checkpoint, 'signers' | 'threshold'>, keccak: Keccak): Hex {
  const { chainId, genesisHash, attestation, keys, signers, threshold } = c;
  const text = { text: 'muster checkpoint signers 1' };
  return keccak.keccak256(encodeTuple(text, chainId, genesisHash, attestation, keys, signers, threshold));
}

/** What a co-signer signs: this block is final, and that is what the ledger says by then. */
export function blockDigest(
  c: Chain & Pick<Checkpoint, 'number' | 'hash' | 'stateHash'>,
  keccak: Keccak,
): Hex {
  const { chainId, genesisHash, attestation, keys, number, hash, stateHash } = c;
  const text = { text: 'muster checkpoint block 2' };
  return keccak.keccak256(
    encodeTuple(text, chainId, genesisHash, attestation, keys, number, hash, stateHash),
  );
}

/** What is wrong with the signatures of a checkpoint; nothing: enough of those whom the operator named have signed. */
export async function checkSignatures(
  checkpoint: Checkpoint,
  operator: Hex,
  checks: SignatureChecks,
): Promise<readonly string[]> {
  const findings: string[] = [];
  if (checkpoint.operator.toLowerCase() !== operator.toLowerCase()) {
    findings.push(`it names ${checkpoint.operator} as the operator`);
  }
  if (!(await checks.signedBy(rosterDigest(checkpoint, checks), checkpoint.operatorSignature, operator))) {
    findings.push('the list of co-signers is not signed by the operator');
  }
  const signers = new Set(checkpoint.signers);
  if (checkpoint.threshold > signers.size)
    findings.push('more signatures are asked for than there are signers');
  const good = new Set<Hex>();
  const digest = blockDigest(checkpoint, checks);
  for (const { signer, signature } of checkpoint.signatures) {
    if (!signers.has(signer)) findings.push(`${signer} signed, and is no co-signer`);
    else if (await checks.signedBy(digest, signature, signer)) good.add(signer);
    else findings.push(`the signature of ${signer} is not over this block`);
  }
  if (good.size < checkpoint.threshold) {
    findings.push(`${good.size} of ${checkpoint.threshold} co-signatures that it takes`);
  }
  return findings;
}

/** What says that a checkpoint is of another pipeline. */
export function otherPipeline(
  checkpoint: Checkpoint,
  pipeline: Pick<Checkpoint, 'chainId' | 'genesisHash' | 'attestation' | 'keys'>,
): readonly string[] {
  const same =
    checkpoint.chainId === pipeline.chainId &&
    checkpoint.genesisHash === pipeline.genesisHash.toLowerCase() &&
    checkpoint.attestation === pipeline.attestation.toLowerCase() &&
    checkpoint.keys === pipeline.keys.toLowerCase();
  return same ? [] : ['the checkpoint is of another pipeline'];
}

/** Where the co-signers read something else in the ledger, or are no guards that stand on it. */
export function otherState(checkpoint: Checkpoint, state: LedgerState, keccak: Keccak): readonly string[] {
  const own = stateHash(state, keccak);
  const strangers = checkpoint.signers.filter((each) => state.guards.get(each)?.enrolled !== true);
  return [
    ...(own === checkpoint.stateHash
      ? []
      : [`what it says was co-signed as ${checkpoint.stateHash} and is ${own}`]),
    ...strangers.map((each) => `${each} may co-sign, and is no guard on the ledger`),
  ];
}
