import type { Checkpoint } from '../../protocol/checkpoint.ts';
import type { PipelineAddress } from '../../protocol/ledger.ts';
import type { AnchoredBatch } from '../../protocol/run-record.ts';

/** What a run leaves behind so that its ledger, and by it its journal, can be checked later. */
export interface RunProof {
  readonly pipeline: PipelineAddress;
  /** Undefined: too few guards were there to sign one. */
  readonly checkpoint: Checkpoint | undefined;
  readonly batches: readonly AnchoredBatch[];
  /** Of the embedded node. */
  readonly ledgerJournal: Uint8Array;
}
