import { z } from 'zod';
import type { BlockProof } from '../../protocol/block-proof.ts';
import { BlockHeaderSchema, MOST_PROOFS } from '../../protocol/block-proof.ts';
import type { PipelineAddress } from '../../protocol/ledger.ts';
import type { LedgerStretch } from '../../protocol/ledger-blocks.ts';
import { MOST_BLOCKS } from '../../protocol/ledger-blocks.ts';
import { verifyChain } from './chain-poller.ts';
import { HexSchema, LogSchema, QuantitySchema } from './chain-shapes.ts';
import { lower } from './decode-event.ts';
import { createEndpoint } from './endpoint.ts';
import { blocksBetween } from './follow-blocks.ts';
import { ledgerError } from './read-blocks.ts';

/** Both ends are in it; without an end, or with one too far off, it ends where an answer is full. */
export interface Stretch {
  readonly from: number;
  readonly to?: number | undefined;
}

const BlockSchema = BlockHeaderSchema.extend({ hash: HexSchema, transactions: z.array(HexSchema) });

const ReceiptSchema = z.object({
  transactionHash: HexSchema,
  type: QuantitySchema.default(0),
  status: QuantitySchema,
  cumulativeGasUsed: HexSchema,
  logsBloom: HexSchema,
  logs: z.array(LogSchema),
});

/** See `LedgerStretch`. @throws LEDGER_FAILED. */
export async function readStretch(
  url: string,
  given: PipelineAddress,
  { from: asked, to }: Stretch,
): Promise<LedgerStretch> {
  const pipeline = { ...given, attestation: lower(given.attestation), keys: lower(given.keys) };
  const endpoint = createEndpoint(url);
  try {
    await verifyChain(endpoint, pipeline);
    const head = await endpoint.head();
    const from = Math.max(asked, pipeline.fromBlock);
    const last = Math.min(to ?? head.number, head.number, from + MOST_BLOCKS - 1);
    const blocks = last < from ? [] : await blocksBetween(endpoint, pipeline, from, last, head);
    return { pipeline, head: head.number, next: Math.max(from, last + 1), blocks };
  } catch (cause) {
    throw ledgerError(url, cause);
  }
}

/** Blocks as whoever checks their hashes needs them, in order, those that there are. @throws LEDGER_FAILED. */
export async function readProofs(url: string, { from, to }: Stretch): Promise<readonly BlockProof[]> {
  const endpoint = createEndpoint(url);
  try {
    const { number: head } = await endpoint.head();
    const last = Math.min(to ?? head, head, from + MOST_PROOFS - 1);
    const numbers = Array.from({ length: Math.max(0, last - from + 1) }, (_, index) => from + index);
    return await Promise.all(
      numbers.map(async (number) => {
        const hex = `0x${number.toString(16)}`;
        const { hash, transactions, ...header } = await endpoint.ask(
          'eth_getBlockByNumber',
          [hex, false],
          BlockSchema,
        );
        const receipts = await Promise.all(
          transactions.map((each) => endpoint.ask('eth_getTransactionReceipt', [each], ReceiptSchema)),
        );
        return {
          hash,
          header,
          receipts: receipts.map(({ logs, ...receipt }) => ({
            ...receipt,
            logs: logs.map(({ address, topics, data, logIndex }) => ({ address, topics, data, logIndex })),
          })),
        };
      }),
    );
  } catch (cause) {
    throw ledgerError(url, cause);
  }
}
