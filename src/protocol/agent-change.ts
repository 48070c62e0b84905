import { z } from 'zod';
import { AgentIdSchema, NodeNameSchema } from './ids.ts';
import { CAPABILITY_NAMES, CapabilityNameSchema } from './scenario.ts';

/** Of the API of `muster up`: one more agent. */
export const AgentAdditionSchema = z.strictObject({
  name: AgentIdSchema,
  host: NodeNameSchema,
  capabilities: z
    .array(CapabilityNameSchema)
    .max(64)
    .default([...CAPABILITY_NAMES]),
});

/** Of the API of `muster up`: another host for an agent. */
export const AgentMoveSchema = z.strictObject({ host: NodeNameSchema });

export type AgentChange =
  | ({ readonly kind: 'add' } & z.infer<typeof AgentAdditionSchema>)
  | ({ readonly kind: 'move'; readonly name: string } & z.infer<typeof AgentMoveSchema>)
  | { readonly kind: 'remove'; readonly name: string };
