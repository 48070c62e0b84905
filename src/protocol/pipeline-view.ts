import { z } from 'zod';
import { AgentIdSchema, NodeNameSchema } from './ids.ts';
import { PipelineNameSchema } from './pipeline-descriptor.ts';
import { CapabilityNameSchema } from './scenario.ts';

/** Of the API of `muster up`: the group of agents that runs, as pipelines are planned for it and compared with it. */
export const PipelineViewSchema = z.strictObject({
  /** The pipeline that it was started with: agents that are added without another name belong to it. */
  name: PipelineNameSchema,
  verifiersPerRound: z.int().min(1),
  /** sha256 that the ledger has of what all agents are booted from; null: none has been registered yet, or they differ, as they do during an upgrade. */
  imageSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** How many agents with new names can still come. */
  room: z.int().nonnegative(),
  hosts: z.array(z.strictObject({ name: NodeNameSchema, site: NodeNameSchema })).max(20_000),
  agents: z
    .array(
      z.strictObject({
        name: AgentIdSchema,
        host: NodeNameSchema,
        site: NodeNameSchema,
        capabilities: z.array(CapabilityNameSchema),
        pipeline: PipelineNameSchema,
        /** The service whose virtual links it looks after. */
        service: z.string().max(255).optional(),
        attested: z.boolean(),
        keyed: z.boolean(),
      }),
    )
    .max(2000),
  /** As the ledger has it. */
  order: z.array(AgentIdSchema).max(2000),
});
export type PipelineView = z.infer<typeof PipelineViewSchema>;

/** Of the same API: the order in which the agents of the group attest one another. */
export const RoundOrderSchema = z.strictObject({ order: z.array(AgentIdSchema).min(1).max(256) });
