import { z } from 'zod';

const ImageSchema = z.strictObject({
  /** That it was built with: `muster image build NAME`. */
  name: z.string(),
  version: z.int(),
  /** As the ledger has it. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Of the API of `muster up`: how its agents go over from one image to a newer one, one after the other. */
export const UpgradeViewSchema = z.strictObject({
  /** `none`: there has been none; `planned`: what it would do; `stopped`: it did not come to its end, see `reason`. */
  state: z.enum(['none', 'planned', 'running', 'done', 'stopped']),
  /** What those have that have not gone over. */
  from: ImageSchema,
  to: ImageSchema.nullable(),
  /** Name of the token that it was asked with. */
  startedBy: z.string().nullable(),
  /** In the order in which they go over; `version`: of the incarnation that acts, as the ledger has it. */
  agents: z.array(
    z.strictObject({ name: z.string(), version: z.int(), state: z.enum(['waits', 'under-way', 'done']) }),
  ),
  /** ms until now, or until it ended; null: it has not been begun. */
  durationMs: z.int().nullable(),
  /** Why it was stopped. */
  reason: z.string().nullable(),
});
export type UpgradeView = z.infer<typeof UpgradeViewSchema>;
