import { z } from 'zod';

/** `viewer`: reads; `operator`: does everything. */
export const TOKEN_ROLES = ['viewer', 'operator'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

export const TokenNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][\w.@-]{0,62}$/, 'letters, digits, and . @ - _ after the first, at most 63');

/** A token as it is stored: under the sha256 of its secret, which nobody has but its holder. */
export const TokenRecordSchema = z.strictObject({
  format: z.literal(1),
  name: TokenNameSchema,
  role: z.enum(TOKEN_ROLES),
  createdAtMs: z.int().nonnegative(),
  /** ms since 1970; null: never. */
  expiresAtMs: z.int().nonnegative().nullable(),
});
export type TokenRecord = z.infer<typeof TokenRecordSchema>;
