import { encodeAbiParameters, keccak256, parseAbiParameters, recoverMessageAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Checkpoint } from '../../protocol/checkpoint.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { lower } from './decode-event.ts';

type Chain = Pick<Checkpoint, 'chainId' | 'genesisHash' | 'attestation' | 'keys'>;

const CHAIN = 'uint256 chainId, bytes32 genesis, address attestation, address keys';
const ROSTER = parseAbiParameters(`string, ${CHAIN}, address[] signers, uint256 threshold`);
const BLOCK = parseAbiParameters(`string, ${CHAIN}, uint256 number, bytes32 hash, bytes32 state`);

/** What the operator signs: who may co-sign this pipeline's blocks, and how many it takes. */
export function rosterDigest(c: Chain & Pick<Checkpoint, 'signers' | 'threshold'>): Hex {
  return keccak256(
    encodeAbiParameters(ROSTER, [
      'muster checkpoint signers 1',
      BigInt(c.chainId),
      c.genesisHash,
      c.attestation,
      c.keys,
      c.signers,
      BigInt(c.threshold),
    ]),
  );
}

/** What a co-signer signs: this block is final, and that is what the ledger says by then. */
export function blockDigest(c: Chain & Pick<Checkpoint, 'number' | 'hash' | 'stateHash'>): Hex {
  return keccak256(
    encodeAbiParameters(BLOCK, [
      'muster checkpoint block 2',
      BigInt(c.chainId),
      c.genesisHash,
      c.attestation,
      c.keys,
      BigInt(c.number),
      c.hash,
      c.stateHash,
    ]),
  );
}

/** Signs one of the digests above with a secp256k1 key. */
export function signDigest(digest: Hex, privateKey: Hex): Promise<Hex> {
  return privateKeyToAccount(privateKey).signMessage({ message: { raw: digest } });
}

/** What is wrong with the signatures of a checkpoint; nothing: enough of those whom the operator named have signed. */
export async function checkSignatures(checkpoint: Checkpoint, operator: Hex): Promise<readonly string[]> {
  const findings: string[] = [];
  if (lower(checkpoint.operator) !== lower(operator)) {
    findings.push(`it names ${checkpoint.operator} as the operator`);
  }
  if (!(await signedBy(rosterDigest(checkpoint), checkpoint.operatorSignature, operator))) {
    findings.push('the list of co-signers is not signed by the operator');
  }
  const signers = new Set(checkpoint.signers);
  if (checkpoint.threshold > signers.size)
    findings.push('more signatures are asked for than there are signers');
  const good = new Set<Hex>();
  for (const { signer, signature } of checkpoint.signatures) {
    if (!signers.has(signer)) findings.push(`${signer} signed, and is no co-signer`);
    else if (await signedBy(blockDigest(checkpoint), signature, signer)) good.add(signer);
    else findings.push(`the signature of ${signer} is not over this block`);
  }
  if (good.size < checkpoint.threshold) {
    findings.push(`${good.size} of ${checkpoint.threshold} co-signatures that it takes`);
  }
  return findings;
}

/** Whether a signature over a digest is that of an account. */
export async function signedBy(digest: Hex, signature: Hex, account: Hex): Promise<boolean> {
  try {
    return lower(await recoverMessageAddress({ message: { raw: digest }, signature })) === lower(account);
  } catch {
    return false;
  }
}
