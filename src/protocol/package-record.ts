import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What the store of packages holds of each: read back at every use, so an older version of it is refused, not guessed at. */
export const PackageRecordSchema = z.strictObject({
  format: z.literal(1),
  kind: z.enum(['vnfd', 'nsd']),
  /** Of the descriptor; with its kind, the name of the package. */
  id: z.string().min(1).max(255),
  name: z.string().max(4096),
  version: z.string().max(4096),
  /** Over the paths and contents of all its files. */
  digest: sha256,
  /** Rises with every update. */
  revision: z.int().positive(),
  origin: z.enum(['bare', 'folder', 'archive']),
  /** Path of the descriptor among the files. */
  descriptor: z.string().min(1).max(255),
  files: z
    .array(z.strictObject({ path: z.string().min(1).max(255), bytes: z.int().nonnegative(), sha256 }))
    .max(2000),
  /** Of an NSD, where it is another than its id: the same of all its versions. */
  invariantId: z.string().max(4096).optional(),
  /** VNFDs that an NSD names. */
  needs: z.array(z.string().max(255)).max(1000),
  /** ms since 1970. */
  onboardedAtMs: z.int().nonnegative(),
  updatedAtMs: z.int().nonnegative(),
});
export type PackageRecord = z.infer<typeof PackageRecordSchema>;
