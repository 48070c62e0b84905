import { z } from 'zod';

/** A service that comes with Muster, with all files that are needed to apply it. */
export const CatalogueServiceSchema = z.strictObject({
  /** Of its NSD. */
  id: z.string(),
  about: z.string(),
  /** Its own package and those of its VNFs; each name begins with the folder of its package. */
  files: z.array(z.strictObject({ name: z.string(), text: z.string() })),
});
export type CatalogueService = z.infer<typeof CatalogueServiceSchema>;
