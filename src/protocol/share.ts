import { z } from 'zod';
import { AddressSchema, Hex32Schema, HexSchema } from './agent-control.ts';
import type { Hex } from './ledger.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const x = z.number().int().min(1).max(255);
const bytes32 = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.length === 32,
  '32 bytes',
);
/** Longest sealed shares of a batch, bytes. */
export const MAX_DEALT_BYTES = 64 * 1024;
/** Longest sealed share of one answer, bytes. */
export const MAX_SHARE_BYTES = 512;

const sealed = (maxBytes: number) =>
  HexSchema.refine((value: Hex) => value.length <= 2 + 2 * maxBytes, 'not that long');
export const SealedSharesSchema = sealed(MAX_DEALT_BYTES);
export const SealedShareSchema = sealed(MAX_SHARE_BYTES);

/**
 * A guard asks for shares of a round's answer, for one of its agents that is elected to verify it. Signed by the guard's account, and
 * answered sealed to `kemKey`: whoever carries it can neither ask in its place nor read what comes back.
 */
export const ShareRequestSchema = z.strictObject({
  round: count,
  guard: AddressSchema,
  kemKey: Hex32Schema,
  signature: z.custom<Hex>(
    (value) => typeof value === 'string' && /^0x[0-9a-f]{130}$/.test(value),
    'a signature of 65 bytes',
  ),
});
export type ShareRequest = z.infer<typeof ShareRequestSchema>;

/** What the registry deals a holder of a batch: its share of the answer to each nonce. CBOR, sealed to the holder. */
export const DealtSharesSchema = z.tuple([x, x, z.array(z.tuple([bytes32, bytes32])).max(256)]);
export type DealtShares = z.infer<typeof DealtSharesSchema>;

/** What a holder tells a guard: where its share stands, how many are needed, and the share. CBOR, sealed to the guard. */
export const ToldShareSchema = z.tuple([x, x, bytes32]);
export type ToldShare = z.infer<typeof ToldShareSchema>;
