import { z } from 'zod';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { AgentIdSchema } from './ids.ts';

/** Largest frame, bytes: a message of `MAX_MESSAGE_CHARS` in UTF-8 and its envelope. */
export const MAX_FRAME_BYTES = 262_144;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes');
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const HeaderSchema = z.strictObject({
  from: AgentIdSchema,
  to: AgentIdSchema,
  /** Of the sender. */
  incarnation: count,
  epoch: count,
  /** Counts up for each receiver, epoch and incarnation: the nonce, and what a replay is known by. */
  seq: count,
  /** Which decision of its sender it comes from. */
  decision: count,
  /** Commits to the message: daemons keep account of what they cannot read, and the receiver compares. */
  said: bytes.refine((value) => value.length === 32),
});
export type FrameHeader = z.infer<typeof HeaderSchema>;

/** One ACL message between two agents, as the site daemons carry it: they see who speaks to whom, not what. */
export interface Frame {
  readonly header: FrameHeader;
  /** AES-256-GCM, the tag at its end; the header is authenticated with it. */
  readonly sealed: Uint8Array;
  /** ed25519 by the sender's frame key over header and `sealed`: a group key alone would let one member speak as another. */
  readonly signature: Uint8Array;
}

const FrameTupleSchema = z.tuple([
  z.literal(2),
  z.string(),
  z.string(),
  count,
  count,
  count,
  count,
  bytes,
  bytes.refine((value) => value.length >= 16),
  bytes.refine((value) => value.length === 64),
]);

export function headerBytes(header: FrameHeader): Uint8Array {
  return encodeCbor(headerFields(header));
}

function headerFields({ from, to, incarnation, epoch, seq, decision, said }: FrameHeader) {
  return [2, from, to, incarnation, epoch, seq, decision, said];
}

export function encodeFrame({ header, sealed, signature }: Frame): Uint8Array {
  return encodeCbor([...headerFields(header), sealed, signature]);
}

/** Undefined: not a frame. */
export function decodeFrame(input: Uint8Array): Frame | undefined {
  const parsed = FrameTupleSchema.safeParse(decodeCbor(input, MAX_FRAME_BYTES));
  if (!parsed.success) return undefined;
  const [, from, to, incarnation, epoch, seq, decision, said, sealed, signature] = parsed.data;
  const header = HeaderSchema.safeParse({ from, to, incarnation, epoch, seq, decision, said });
  return header.success ? { header: header.data, sealed, signature } : undefined;
}
