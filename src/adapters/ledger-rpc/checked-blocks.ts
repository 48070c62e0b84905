import { keccak256, toRlp } from 'viem';
import { z } from 'zod';
import type { Hex, LedgerBlock, LedgerEntry, PipelineAddress } from '../../protocol/ledger.ts';
import { HexSchema, LogSchema, QuantitySchema } from './chain-shapes.ts';
import { decodeAttestation, decodeKeyVault, lower } from './decode-event.ts';
import { encodeTransaction, TransactionSchema, whyNotTransaction } from './encode-transaction.ts';
import type { Endpoint } from './endpoint.ts';
import { encodeReceipt, listRoot, minimal } from './trie-root.ts';

const BlockSchema = z.object({
  parentHash: HexSchema,
  sha3Uncles: HexSchema,
  miner: HexSchema,
  stateRoot: HexSchema,
  transactionsRoot: HexSchema,
  receiptsRoot: HexSchema,
  logsBloom: HexSchema,
  difficulty: HexSchema,
  number: HexSchema,
  gasLimit: HexSchema,
  gasUsed: HexSchema,
  timestamp: HexSchema,
  extraData: HexSchema,
  mixHash: HexSchema,
  nonce: HexSchema,
  baseFeePerGas: HexSchema.optional(),
  withdrawalsRoot: HexSchema.nullish(),
  hash: HexSchema,
  transactions: z.array(TransactionSchema),
});
type Block = z.infer<typeof BlockSchema>;

const ReceiptSchema = z.object({
  type: QuantitySchema.default(0),
  status: QuantitySchema,
  cumulativeGasUsed: HexSchema,
  logsBloom: HexSchema,
  logs: z.array(LogSchema),
});

/** Besu's QBFT and IBFT hash their headers in a way of their own; they mark them so. */
const BYZANTINE = '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365';

export interface CheckedTransaction {
  readonly hash: Hex;
  readonly from: Hex;
  readonly to: Hex | null;
  readonly input: Hex;
  readonly succeeded: boolean;
}

/** A block read whole, with what does not fit in it. */
export interface CheckedBlock {
  readonly block: LedgerBlock;
  readonly transactions: readonly CheckedTransaction[];
  readonly findings: readonly string[];
}

/**
 * Reads a block by its number and computes its hash from its header, the roots of its transactions and receipts from these, and who signed
 * each transaction: with a hash that is known to be right, its events cannot be others, be left out, or have been sent by somebody else.
 */
export async function readChecked(
  endpoint: Endpoint,
  pipeline: PipelineAddress,
  number: number,
): Promise<CheckedBlock> {
  const block = await endpoint.ask('eth_getBlockByNumber', [`0x${number.toString(16)}`, true], BlockSchema);
  const receipts = await Promise.all(
    block.transactions.map((each) => endpoint.ask('eth_getTransactionReceipt', [each.hash], ReceiptSchema)),
  );
  const findings: string[] = [];
  if (Number(block.number) !== number) findings.push(`it says that it is block ${Number(block.number)}`);
  if (block.mixHash !== BYZANTINE && hashOf(block) !== block.hash)
    findings.push('its header does not hash to its hash');
  const encoded = block.transactions.map(encodeTransaction);
  if (listRoot(encoded.map((each) => each ?? '0x')) !== block.transactionsRoot) {
    findings.push('its transactions are not those that its header commits to');
  }
  const wrong = await Promise.all(
    block.transactions.map((each, index) => whyNotTransaction(each, encoded[index])),
  );
  findings.push(...wrong.filter((each) => each !== undefined));
  if (listRoot(receipts.map(encodeReceipt)) !== block.receiptsRoot) {
    findings.push('its receipts (events, outcomes) are not those that its header commits to');
  }
  const entries = receipts.flatMap((receipt, index) => {
    const transaction = block.transactions[index];
    return receipt.logs.flatMap((log): LedgerEntry[] => {
      const event = eventOf(log, pipeline);
      if (event === undefined || transaction === undefined) return [];
      return [{ logIndex: log.logIndex, transaction: transaction.hash, from: transaction.from, event }];
    });
  });
  return {
    block: {
      number,
      hash: block.hash,
      parentHash: block.parentHash,
      timestamp: Number(block.timestamp),
      entries,
    },
    transactions: block.transactions.map(({ hash, from, to, input }, index) => ({
      hash,
      from,
      to,
      input,
      succeeded: receipts[index]?.status === 1,
    })),
    findings,
  };
}

function eventOf(log: z.infer<typeof LogSchema>, pipeline: PipelineAddress) {
  if (log.address === lower(pipeline.attestation)) return decodeAttestation(log);
  return log.address === lower(pipeline.keys) ? decodeKeyVault(log) : undefined;
}

function hashOf(block: Block): Hex {
  const fields: Hex[] = [
    block.parentHash,
    block.sha3Uncles,
    block.miner,
    block.stateRoot,
    block.transactionsRoot,
    block.receiptsRoot,
    block.logsBloom,
    minimal(block.difficulty),
    minimal(block.number),
    minimal(block.gasLimit),
    minimal(block.gasUsed),
    minimal(block.timestamp),
    block.extraData,
    block.mixHash,
    block.nonce,
  ];
  if (block.baseFeePerGas !== undefined) fields.push(minimal(block.baseFeePerGas));
  if (block.withdrawalsRoot) fields.push(block.withdrawalsRoot);
  return keccak256(toRlp(fields));
}
