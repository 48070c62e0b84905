import { z } from 'zod';
import { Hex32Schema } from './agent-control.ts';
import { MAX_FRAME_BYTES } from './frame.ts';
import { AgentIdSchema } from './ids.ts';

/** Largest message between two daemons before they have proven who they are, bytes. */
export const MAX_PROOF_BYTES = 512;

export const SiteNameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

/** Where a site's daemon listens for those of other sites: a Unix socket, or an address on the pipeline's VXLAN. */
export const SiteAddressSchema = z.union([
  z.strictObject({ path: z.string().min(1).max(4096) }),
  z.strictObject({ host: z.ipv4(), port: z.number().int().min(1).max(65_535) }),
]);
export type SiteAddress = z.infer<typeof SiteAddressSchema>;

/** Another site's daemon, as the supervisor tells all of it. `linkKey`: ed25519, drawn by that daemon when it started. */
export const PeerSiteSchema = z.strictObject({ address: SiteAddressSchema, linkKey: Hex32Schema });
export type PeerSite = z.infer<typeof PeerSiteSchema>;

const bytesOf = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length, `${length} bytes`);
const agreement = bytesOf(32);
const signature = bytesOf(64);

/** Of the daemon that calls: who it says that it is, and a fresh X25519 key. */
export const LinkHelloSchema = z.strictObject({
  kind: z.literal('link-hello'),
  site: SiteNameSchema,
  agreement,
});

/** Of the daemon that is called: its fresh key, and its signature under both. */
export const LinkAnswerSchema = z.strictObject({ kind: z.literal('link-answer'), agreement, signature });

/** Of the daemon that calls: its own signature. All that follows is sealed. */
export const LinkProofSchema = z.strictObject({ kind: z.literal('link-proof'), signature });

/** Between daemons that have proven who they are. */
export const CarriedSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('frame'),
    to: AgentIdSchema,
    frame: z.custom<Uint8Array>(
      (value) => value instanceof Uint8Array && value.length <= MAX_FRAME_BYTES,
      'a frame',
    ),
  }),
  /** Nothing to say: the link is there. Each is answered by one, from the daemon that is called. */
  z.strictObject({ kind: z.literal('alive') }),
]);
export type Carried = z.infer<typeof CarriedSchema>;
