import { z } from 'zod';
import { AgentIdSchema, Ipv4Schema, LinkIdSchema } from './ids.ts';

/** What an operator has dropped: everything from an address, on every guarded link, until its time is over. */
export const BlockOrderSchema = z.strictObject({
  source: Ipv4Schema,
  seconds: z.int().min(1).max(86_400),
  reason: z.string().trim().min(1).max(120),
});
export type BlockOrder = z.infer<typeof BlockOrderSchema>;

/** A block in force, an agent's or an operator's (`owner`). */
export const BlockSchema = z.strictObject({
  source: Ipv4Schema,
  link: LinkIdSchema,
  owner: AgentIdSchema,
  /** Until it ends by itself, s; null: it does not. */
  endsInSeconds: z.number().nullable(),
});
export type Block = z.infer<typeof BlockSchema>;
