import { z } from 'zod';

const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'sha256 in lower-case hexadecimal');
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens');

/** Suffix of the files that `muster image build` makes. */
export const IMAGE_SUFFIX = '.image.json';

/** What an agent of this image may be found to be while it runs; anything else is a finding. */
export const ImagePolicySchema = z.strictObject({
  /** `none`: no code is made at run time (native programs; Node runs with --jitless, several times slower). */
  runtimeCode: z.enum(['none', 'v8']),
  maxRuntimeCodeBytes: z
    .int()
    .min(0)
    .max(1 << 29),
  maxThreads: z.int().min(1).max(1024),
  /** Only what the guard gave: the only choice so far, and said so that it is signed. */
  descriptors: z.literal('given-only'),
  sockets: z.literal('given-only'),
});
export type ImagePolicy = z.infer<typeof ImagePolicySchema>;

/** What the operator signs: everything about an agent that does not depend on where it will run. */
export const ImageManifestSchema = z.strictObject({
  format: z.literal('muster-image-v1'),
  /** Name of the agent or kind of agent that runs it. */
  agent: name,
  /** Rises with every release; a lower one is never taken again. */
  version: z
    .int()
    .min(1)
    .max(2 ** 32 - 1),
  runtime: z.enum(['node', 'native']),
  capabilities: z.array(name).max(100),
  bundleSha256: Sha256Hex,
  bundleBytes: z.int().positive(),
  policy: ImagePolicySchema,
});
export type ImageManifest = z.infer<typeof ImageManifestSchema>;

/** An agent wrapped for attestation: its program, what it is, and who says so. */
export const ImageSchema = z.strictObject({
  manifest: ImageManifestSchema,
  /** ed25519 public key of the operator, SPKI in base64. */
  publicKey: z.base64().max(200),
  /** ed25519 over the manifest's canonical text, base64. */
  signature: z.base64().max(200),
  /** One module for Node, or an ELF program; base64. */
  bundle: z.base64(),
});
export type Image = z.infer<typeof ImageSchema>;
