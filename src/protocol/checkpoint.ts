import { z } from 'zod';
import type { Hex } from './ledger.ts';

const hex = (digits: string) =>
  z.custom<Hex>(
    (value) => typeof value === 'string' && new RegExp(`^0x[0-9a-f]{${digits}}$`).test(value),
    `0x and ${digits} hexadecimal digits`,
  );

/**
 * A final block that several have put their names to. The operator says once who they are and how many of them it takes; each signs
 * the block. All keys are secp256k1 accounts; signatures are EIP-191 over the digests of adapters/ledger-rpc/checkpoint.ts.
 */
export const CheckpointSchema = z.strictObject({
  chainId: z.number().int().positive(),
  genesisHash: hex('64'),
  attestation: hex('40'),
  keys: hex('40'),
  number: z.number().int().nonnegative(),
  hash: hex('64'),
  /** Over what the ledger says up to this block, as its co-signers read it (core/attestation/state-hash.ts). */
  stateHash: hex('64'),
  /** Account of the operator; whoever checks knows it from elsewhere. */
  operator: hex('40'),
  signers: z.array(hex('40')).min(1).max(256),
  threshold: z.number().int().positive(),
  operatorSignature: hex('130'),
  signatures: z.array(z.strictObject({ signer: hex('40'), signature: hex('130') })).max(256),
});
export type Checkpoint = z.infer<typeof CheckpointSchema>;
