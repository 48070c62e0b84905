import { z } from 'zod';

const command = z.array(z.string().min(1).max(1000)).min(1).max(50).describe('program and its arguments');

const HealthSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tcp'), port: z.int().min(1).max(65_535) }),
  z.strictObject({
    kind: z.literal('http'),
    port: z.int().min(1).max(65_535),
    path: z.string().startsWith('/').max(500).default('/'),
  }),
  z.strictObject({ kind: z.literal('process') }),
]);

const ProgramSchema = z.strictObject({
  command,
  resources: z
    .strictObject({
      vcpus: z.number().positive().max(4096).optional(),
      memoryMib: z.number().positive().max(67_108_864).optional(),
    })
    .optional(),
  health: HealthSchema.default({ kind: 'process' }),
  /** Of the command and its files, base64, by the operator's key: what `muster image sign` says. */
  signature: z.string().max(1000).optional(),
});

/** What stands for an image on this site: a local program, or an entry of the catalogue that comes with Muster. */
export const ImageTargetSchema = z.union([
  z.strictObject({ program: ProgramSchema }),
  z.strictObject({ catalogue: z.string().min(1).max(100) }),
]);
export type ImageTarget = z.infer<typeof ImageTargetSchema>;

/** What a site's operator settles for packages: a format of ours, so unknown keys are refused. */
export const SiteConfigSchema = z.strictObject({
  /** Who signs programs: ed25519, SPKI in base64. */
  operatorKey: z.base64().max(200).optional(),
  images: z
    .record(z.string().min(1).max(255), ImageTargetSchema)
    .default({})
    .refine((images) => Object.keys(images).length <= 1000, 'at most 1000 images'),
  webhooks: z
    .strictObject({ allowHosts: z.array(z.string().min(1).max(253)).max(1000).default([]) })
    .default({ allowHosts: [] }),
});
export type SiteConfig = z.infer<typeof SiteConfigSchema>;

/** What goes where no configuration is given: no image is mapped, no webhook allowed. */
export const NO_SITE_CONFIG: SiteConfig = { images: {}, webhooks: { allowHosts: [] } };
