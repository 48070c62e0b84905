import { z } from 'zod';
import { NodeNameSchema } from './ids.ts';
import { OperationSchema } from './operation-record.ts';

const place = z.strictObject({ host: NodeNameSchema, site: NodeNameSchema });

/** What came of asking whether units of a service would cost less elsewhere. */
export const ImprovedSchema = z.strictObject({
  /** `unchanged`: it does not pay; `planned`: it was only asked what would move. */
  outcome: z.enum(['begun', 'unchanged', 'planned']),
  /** Bandwidth times hops of all links, bytes/s: now, and once these have moved. */
  cost: z.strictObject({ now: z.number().nonnegative(), after: z.number().nonnegative() }),
  moves: z.array(z.strictObject({ unit: z.string(), from: place, to: place })).max(200),
  /** Why it pays, or does not, with the numbers. */
  reason: z.string(),
  /** What carries the moves out; absent: nothing does. */
  operation: OperationSchema.optional(),
});
export type Improved = z.infer<typeof ImprovedSchema>;
