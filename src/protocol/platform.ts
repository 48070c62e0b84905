import { z } from 'zod';
import { HexSchema } from './agent-control.ts';

const bytes = (most: number) =>
  HexSchema.refine((hex) => hex.length > 2 && hex.length <= 2 + 2 * most, `1 to ${most} bytes`);

const MAX_PCRS_BYTES = 8192;

/** A quote of a site's TPM over the nonce of a round, on its way to whoever judges that round. */
export const PlatformQuoteSchema = z.strictObject({
  message: bytes(1024),
  signature: bytes(1024),
  pcrs: bytes(MAX_PCRS_BYTES),
});
export type PlatformQuote = z.infer<typeof PlatformQuoteSchema>;

/** The machine of a site as the operator has enrolled it. */
export const PlatformSchema = z.strictObject({
  /** Public part of the attestation key of its TPM, PEM. */
  publicKey: z.string().max(4000),
  /** What its firmware and boot loader had measured then. */
  pcrs: bytes(MAX_PCRS_BYTES),
});
export type Platform = z.infer<typeof PlatformSchema>;
