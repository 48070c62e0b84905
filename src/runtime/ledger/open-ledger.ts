import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readLedger } from '../../adapters/ledger-rpc/read-ledger.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { PipelineAddress } from '../../protocol/ledger.ts';
import { PipelineAddressSchema } from '../../protocol/pipeline-file.ts';
import type { KeyHoldings } from './key-holders.ts';
import { keyHolders } from './key-holders.ts';
import { createNames } from './names.ts';
import { sentence, subjectOf, time } from './sentences.ts';

/** An event of the ledger, told. Field names are a contract. */
export interface LedgerLine {
  /** `<block>.<log index>`. */
  readonly id: string;
  readonly time: string;
  readonly event: string;
  /** The agent it is about; empty: about none. */
  readonly agent: string;
  readonly sentence: string;
  readonly from: string;
  readonly transaction: string;
  readonly block: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Where a pipeline's contracts are, from a JSON file. @throws BAD_FILE. */
export async function readPipelineFile(path: string): Promise<PipelineAddress> {
  return readJsonFile(
    path,
    PipelineAddressSchema,
    'it says { chainId, genesisHash, attestation, keys, fromBlock }',
  );
}

/** A JSON file by its schema. @throws BAD_FILE. */
export async function readJsonFile<T>(path: string, schema: z.ZodType<T>, hint: string): Promise<T> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new MusterError('BAD_FILE', `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint,
      cause,
    });
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new MusterError('BAD_FILE', `${path}: ${z.prettifyError(parsed.error)}`, { hint });
}

/** Every event of a pipeline, in order. @throws LEDGER_FAILED. */
export async function ledgerLines(url: string, pipeline: PipelineAddress): Promise<readonly LedgerLine[]> {
  const blocks = await readLedger({ url, pipeline });
  const names = createNames();
  return blocks.flatMap((block) =>
    block.entries.map(({ logIndex, from, transaction, event }) => {
      names.learn(event);
      const subject = subjectOf(event);
      const { kind, ...details } = event;
      return {
        id: `${block.number}.${logIndex}`,
        time: time(block.timestamp),
        event: kind,
        agent: subject === undefined ? '' : names.agent(subject),
        sentence: sentence(event, names),
        from: names.account(from),
        transaction,
        block: block.hash,
        details,
      };
    }),
  );
}

/** Who holds which epoch of a pipeline's group key. @throws LEDGER_FAILED. */
export async function readKeyHolders(url: string, pipeline: PipelineAddress): Promise<KeyHoldings> {
  return keyHolders(await readLedger({ url, pipeline }));
}
