import { z } from 'zod';
import { IdentifierSchema } from './sol005/common.ts';

/** Of the API: what is to be compared with the best placement that there is. */
export const OptimumOrderSchema = z.strictObject({
  /** Id or name: it alone could move, all others stay. Absent: all services together. */
  service: IdentifierSchema.optional(),
  /** s: for how long the optimum is looked for. */
  withinS: z.int().min(1).max(60).default(20),
});
export type OptimumOrder = z.infer<typeof OptimumOrderSchema>;

/** Of the API: how far services are from where they would be placed at best. */
export const OptimumViewSchema = z.strictObject({
  /** Names of those that were compared. */
  services: z.array(z.string()),
  /** As they are placed, bandwidth times hops of all links: bytes/s. */
  byteHops: z.number(),
  /** `optimal`: proved. `time-limit`: the best that was found in time. `infeasible`: they could not be placed anew. `unknown`: see `reason`. */
  outcome: z.enum(['optimal', 'time-limit', 'infeasible', 'unknown']),
  /** Bytes/s times hops of the best that was found; null: none was. */
  best: z.number().nullable(),
  /** No placement takes less; null: nothing is proved. */
  bound: z.number().nullable(),
  reason: z.string(),
  tookMs: z.number(),
  units: z.array(
    z.strictObject({
      service: z.string(),
      unit: z.string(),
      host: z.string(),
      /** Where the best placement has it; null: there is none. */
      best: z.string().nullable(),
    }),
  ),
});
export type OptimumView = z.infer<typeof OptimumViewSchema>;
