import { z } from 'zod';
import { headerFits, receiptsFit } from '../../core/ledger/block-hash.ts';
import { listRoot } from '../../core/ledger/trie-root.ts';
import { BlockHeaderSchema } from '../../protocol/block-proof.ts';
import type { Hex, LedgerBlock, LedgerEntry, PipelineAddress } from '../../protocol/ledger.ts';
import { hashing } from '../keys/hashing.ts';
import { HexSchema, LogSchema, QuantitySchema } from './chain-shapes.ts';
import { decodeAttestation, decodeKeyVault, lower } from './decode-event.ts';
import { encodeTransaction, TransactionSchema, whyNotTransaction } from './encode-transaction.ts';
import type { Endpoint } from './endpoint.ts';

const BlockSchema = BlockHeaderSchema.extend({ hash: HexSchema, transactions: z.array(TransactionSchema) });

const ReceiptSchema = z.object({
  type: QuantitySchema.default(0),
  status: QuantitySchema,
  cumulativeGasUsed: HexSchema,
  logsBloom: HexSchema,
  logs: z.array(LogSchema),
});

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
  if (!headerFits(block, block.hash, hashing)) findings.push('its header does not hash to its hash');
  const encoded = block.transactions.map(encodeTransaction);
  if (
    listRoot(
      encoded.map((each) => each ?? '0x'),
      hashing,
    ) !== block.transactionsRoot
  ) {
    findings.push('its transactions are not those that its header commits to');
  }
  const wrong = await Promise.all(
    block.transactions.map((each, index) => whyNotTransaction(each, encoded[index])),
  );
  findings.push(...wrong.filter((each) => each !== undefined));
  if (!receiptsFit(block, receipts, hashing)) {
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
