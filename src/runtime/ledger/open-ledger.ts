import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readLedger } from '../../adapters/ledger-rpc/read-ledger.ts';
import type { KeyHoldings } from '../../core/ledger/key-holders.ts';
import { keyHolders } from '../../core/ledger/key-holders.ts';
import type { LedgerLine } from '../../core/ledger/ledger-lines.ts';
import { ledgerLines } from '../../core/ledger/ledger-lines.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { PipelineAddress } from '../../protocol/ledger.ts';
import { PipelineAddressSchema } from '../../protocol/pipeline-file.ts';

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
export async function readLedgerLines(
  url: string,
  pipeline: PipelineAddress,
): Promise<readonly LedgerLine[]> {
  return ledgerLines(await readLedger({ url, pipeline }));
}

/** Who holds which epoch of a pipeline's group key. @throws LEDGER_FAILED. */
export async function readKeyHolders(url: string, pipeline: PipelineAddress): Promise<KeyHoldings> {
  return keyHolders(await readLedger({ url, pipeline }));
}
