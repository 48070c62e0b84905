import { z } from 'zod';
import { AddressSchema, Hex32Schema } from './agent-control.ts';
import { CheckpointSchema } from './checkpoint.ts';
import { PipelineAddressSchema } from './pipeline-file.ts';

const count = z.number().int().nonnegative();

/**
 * Entries of a journal whose Merkle root is on the ledger, in the order of its leaves. A leaf is the sha256 over `muster journal 1`, a line
 * feed, and the entry's line; two of a pair are hashed in ascending order (keccak256), an odd one out goes up unpaired.
 */
export const AnchoredBatchSchema = z.strictObject({
  root: Hex32Schema,
  /** Where it was anchored. */
  block: count,
  transaction: Hex32Schema,
  entries: z.array(z.strictObject({ id: z.string().max(200), leaf: Hex32Schema })).max(100_000),
});
export type AnchoredBatch = z.infer<typeof AnchoredBatchSchema>;

/** What a network that is up shows of itself, so that somebody else can check it. */
export const RunRecordSchema = z.strictObject({
  url: z.string().max(512),
  pipeline: PipelineAddressSchema,
  operator: AddressSchema,
  /** Null: none has been co-signed yet. */
  checkpoint: CheckpointSchema.nullable(),
  batches: z.array(AnchoredBatchSchema).max(100_000),
  /** The entries of these batches and those that wait for the next, as they were written. */
  lines: z.array(z.string().max(1_000_000)).max(200_000),
});
export type RunRecord = z.infer<typeof RunRecordSchema>;
