import type { Stretch } from '../../adapters/ledger-rpc/read-stretch.ts';
import type { BlockProof } from '../../protocol/block-proof.ts';
import type { PipelineAddress } from '../../protocol/ledger.ts';
import type { LedgerStretch } from '../../protocol/ledger-blocks.ts';

interface Place {
  readonly url: string;
  readonly pipeline: PipelineAddress;
}

/** What a pipeline's ledger tells of a stretch of blocks. @throws LEDGER_FAILED. */
export async function ledgerStretch({ url, pipeline }: Place, stretch: Stretch): Promise<LedgerStretch> {
  const { readStretch } = await import('../../adapters/ledger-rpc/read-stretch.ts');
  return readStretch(url, pipeline, stretch);
}

/** Those blocks as whoever checks their hashes needs them. @throws LEDGER_FAILED. */
export async function ledgerProofs({ url }: Place, stretch: Stretch): Promise<readonly BlockProof[]> {
  const { readProofs } = await import('../../adapters/ledger-rpc/read-stretch.ts');
  return readProofs(url, stretch);
}
