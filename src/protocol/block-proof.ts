import { z } from 'zod';
import type { Hex } from './ledger.ts';

const MOST_DIGITS = 4_000_000;

const hex = z.custom<Hex>(
  (value) => typeof value === 'string' && value.length < MOST_DIGITS && /^0x[0-9a-fA-F]*$/.test(value),
  'not hexadecimal',
);
const hash = z.custom<Hex>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value),
  'not a hash',
);
const count = z.number().int().nonnegative();

/** All fields of a block's header that its hash is made of, as an Ethereum node tells them. */
export const BlockHeaderSchema = z.object({
  parentHash: hex,
  sha3Uncles: hex,
  miner: hex,
  stateRoot: hex,
  transactionsRoot: hex,
  receiptsRoot: hex,
  logsBloom: hex,
  difficulty: hex,
  number: hex,
  gasLimit: hex,
  gasUsed: hex,
  timestamp: hex,
  extraData: hex,
  mixHash: hex,
  nonce: hex,
  baseFeePerGas: hex.optional(),
  withdrawalsRoot: hex.nullish(),
});
export type BlockHeader = z.infer<typeof BlockHeaderSchema>;

/** A transaction's outcome and its events, all that the trie of receipts has of it. */
export const BlockReceiptSchema = z.object({
  transactionHash: hash,
  type: count,
  status: count,
  cumulativeGasUsed: hex,
  logsBloom: hex,
  logs: z
    .array(z.object({ address: hex, topics: z.array(hash).max(4), data: hex, logIndex: count }))
    .max(10_000),
});
export type BlockReceipt = z.infer<typeof BlockReceiptSchema>;

/** A block as whoever checks its hash needs it: the header, and what its root of receipts is made of. */
export const BlockProofSchema = z.object({
  /** As it is said to be. */
  hash,
  header: BlockHeaderSchema,
  receipts: z.array(BlockReceiptSchema).max(10_000),
});
export type BlockProof = z.infer<typeof BlockProofSchema>;

/** How many blocks are given in one answer. */
export const MOST_PROOFS = 64;
export const BlockProofsSchema = z.object({ proofs: z.array(BlockProofSchema).max(MOST_PROOFS) });
export type BlockProofs = z.infer<typeof BlockProofsSchema>;
