import { z } from 'zod';
import { FileProblemSchema } from './file-reports.ts';

/** Body of `POST /v1/pipeline/check`: a pipeline's file as it is edited. */
export const PipelineTextSchema = z.strictObject({ text: z.string().max(200_000) });

const agent = { name: z.string(), host: z.string() };
const capabilities = z.array(z.string());

/** What is wrong with a pipeline's file, or what applying it would change, in the order in which it can be done. */
export const PipelineCheckSchema = z.strictObject({
  problems: z.array(FileProblemSchema.omit({ file: true, code: true })),
  /** Null: it has errors. */
  pipeline: z.strictObject({ name: z.string(), agents: z.array(z.string()) }).nullable(),
  /** A row for each change: what it does to an agent, and what is put on the ledger for it. */
  rows: z.array(
    z.strictObject({
      agent: z.string(),
      change: z.enum(['add', 'move', 'remove', 'order']),
      what: z.string(),
      ledger: z.string(),
    }),
  ),
  changes: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({ ...agent, kind: z.literal('add'), capabilities }),
      z.strictObject({ ...agent, kind: z.literal('move'), capabilities, from: z.string() }),
      z.strictObject({ ...agent, kind: z.literal('remove') }),
    ]),
  ),
  /** How the agents attest one another afterwards; null: as it stands. */
  order: z.array(z.string()).nullable(),
  /** Why it cannot be applied though it is right; null: it can. */
  refusal: z.strictObject({ reason: z.string(), hint: z.string() }).nullable(),
});
export type PipelineCheck = z.infer<typeof PipelineCheckSchema>;

/** Of the API: a file, to be edited. */
export const PipelineFileTextSchema = z.strictObject({ name: z.string(), text: z.string() });
export type PipelineFileText = z.infer<typeof PipelineFileTextSchema>;

/** The same, with what it amounts to, in words. */
export const PlannedPipelineSchema = PipelineFileTextSchema.extend({ notes: z.array(z.string()) });
export type PlannedPipeline = z.infer<typeof PlannedPipelineSchema>;
