import { z } from 'zod';

/** The index of a directory store: which value each key has. A format with another number is of another version. */
export const IndexSchema = z.strictObject({
  format: z.literal(1),
  number: z.int().nonnegative(),
  /** Names of the last changes, this one first. */
  recent: z.array(z.string().max(64)).max(256),
  keys: z.record(
    z.string().min(1).max(2000),
    z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().nonnegative() }),
  ),
});
export type Index = z.infer<typeof IndexSchema>;
