import { z } from 'zod';
import { AgentIdSchema, NodeNameSchema } from './ids.ts';
import { PipelineNameSchema } from './pipeline-descriptor.ts';
import { CAPABILITY_NAMES, CapabilityNameSchema } from './scenario.ts';

/** Of the API of `muster up`: one more agent. */
export const AgentAdditionSchema = z.strictObject({
  name: AgentIdSchema,
  host: NodeNameSchema,
  capabilities: z
    .array(CapabilityNameSchema)
    .max(64)
    .default([...CAPABILITY_NAMES]),
  /** Whose agent it is; absent: of the pipeline that was brought up. */
  pipeline: PipelineNameSchema.optional(),
  /** The service whose virtual links it looks after; absent: it looks after those of the network. */
  service: z.string().min(1).max(255).optional(),
});

/** Of the API of `muster up`: another host for an agent, or the same one and other capabilities. */
export const AgentMoveSchema = z.strictObject({
  host: NodeNameSchema,
  /** Absent: those that it has. */
  capabilities: z.array(CapabilityNameSchema).max(64).optional(),
  /** Absent: it looks after the links that it looked after. */
  service: z.string().min(1).max(255).optional(),
});

/** Of the API of `muster up`: why an agent is thrown out. */
export const AgentRevocationSchema = z.strictObject({ reason: z.string().trim().min(1).max(120) });

export type AgentChange =
  | ({ readonly kind: 'add' } & z.infer<typeof AgentAdditionSchema>)
  | ({ readonly kind: 'move'; readonly name: string } & z.infer<typeof AgentMoveSchema>)
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'revoke'; readonly name: string; readonly reason: string };
