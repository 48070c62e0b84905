import type { LedgerBlock, PipelineAddress } from '../../protocol/ledger.ts';

export interface ReadLedgerOptions {
  readonly url: string;
  readonly pipeline: PipelineAddress;
  readonly confirmations?: number;
}

/**
 * All final blocks that have entries of a pipeline, in order; without an account.
 * @throws LEDGER_FAILED when nothing answers at the URL, or not the chain that the pipeline is on.
 */
export async function readLedger(options: ReadLedgerOptions): Promise<readonly LedgerBlock[]> {
  const { readBlocks } = await import('./read-blocks.ts');
  return (await readBlocks(options)).blocks;
}
