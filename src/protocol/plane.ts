import { z } from 'zod';
import { AgentIdSchema, AwardIdSchema, Ipv4Schema, LinkIdSchema, RuleIdSchema } from './ids.ts';

const rate = z.number().positive().max(1e12);
const ttl = z.number().int().min(100).max(86_400_000);
const mark = { rule: RuleIdSchema, award: AwardIdSchema, owner: AgentIdSchema };

/**
 * What an agent may ask of the data plane. Every rule carries its owner and the standing award it serves, so that
 * nothing is ever left without an owner. Applying a rule id again replaces that rule; removing an absent one succeeds.
 *
 * - `limit-link`: all traffic over the link, except that of confirmed sources, shares `rateBytesPerSec`.
 * - `limit-target`: the same for traffic to one destination; takes precedence over the link's limit.
 * - `limit-flow`: one (source, destination) pair; takes precedence over both, confirmed or not.
 * - `block-source`: drop everything from an address on that link until `ttlMs` has passed.
 * - `confirm-sources`: these sources have a class of their own on the link for `ttlMs` (renewed by repeating it).
 * - `remove-rule`: with `award`, only if the rule serves that one: it may have passed to another holder meanwhile.
 * - `adopt-rules`: rules marked with one award pass to another award and owner, unchanged.
 */
export const PlaneCommandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('limit-link'), ...mark, link: LinkIdSchema, rateBytesPerSec: rate }),
  z.strictObject({
    kind: z.literal('limit-target'),
    ...mark,
    link: LinkIdSchema,
    target: Ipv4Schema,
    rateBytesPerSec: rate,
  }),
  z.strictObject({
    kind: z.literal('limit-flow'),
    ...mark,
    link: LinkIdSchema,
    source: Ipv4Schema,
    target: Ipv4Schema,
    rateBytesPerSec: rate,
  }),
  z.strictObject({
    kind: z.literal('block-source'),
    ...mark,
    link: LinkIdSchema,
    source: Ipv4Schema,
    ttlMs: ttl,
  }),
  z.strictObject({
    kind: z.literal('confirm-sources'),
    link: LinkIdSchema,
    sources: z.array(Ipv4Schema).max(4096),
    ttlMs: ttl,
  }),
  z.strictObject({ kind: z.literal('remove-rule'), rule: RuleIdSchema, award: AwardIdSchema.optional() }),
  z.strictObject({
    kind: z.literal('adopt-rules'),
    fromAward: AwardIdSchema,
    toAward: AwardIdSchema,
    owner: AgentIdSchema,
  }),
]);
export type PlaneCommand = z.infer<typeof PlaneCommandSchema>;

/** What an agent may ask to be measured. `windowless`: every counter is cumulative since the data plane was built. */
export const PlaneQuerySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('link-load'), link: LinkIdSchema }),
  z.strictObject({ kind: z.literal('destinations'), link: LinkIdSchema }),
  z.strictObject({ kind: z.literal('sources'), link: LinkIdSchema, target: Ipv4Schema }),
  z.strictObject({ kind: z.literal('confirmed'), link: LinkIdSchema }),
  z.strictObject({ kind: z.literal('rules') }),
]);
export type PlaneQuery = z.infer<typeof PlaneQuerySchema>;

const count = z.number().nonnegative();

/** Offered to the link (before limits and blocks) and delivered by it, cumulative. Bytes are link-layer frames. */
export const LinkLoadSchema = z.strictObject({
  kind: z.literal('link-load'),
  offeredBytes: count,
  deliveredBytes: count,
  deliveredPackets: count,
  droppedPackets: count,
});

/** Per destination address behind the link, cumulative. */
export const DestinationSchema = z.strictObject({
  target: Ipv4Schema,
  bytes: count,
  packets: count,
  /** SYN packets towards it. */
  syns: count,
  /** SYN-ACKs that it sent, repetitions and cookies included. */
  synAcks: count,
  /** Connections whose handshake its TCP has confirmed. */
  confirmed: count,
  /** Half-open connections now (a level, not a counter; saturates at the backlog). */
  halfOpen: count,
  /** SYN cookies sent, cumulative. */
  cookies: count,
});
export type DestinationCounters = z.infer<typeof DestinationSchema>;

/** Per source address towards one destination, cumulative except `halfOpen`. Counted before blocks and limits. */
export const SourceSchema = z.strictObject({
  source: Ipv4Schema,
  bytes: count,
  packets: count,
  syns: count,
  /** SYN-ACKs that the server sent to it. */
  synAcks: count,
  /** Connections of it whose handshake the server's TCP has confirmed: the server itself sent data, ACK or FIN. */
  confirmed: count,
  /** Half-open connections of it at the server now (a level). */
  halfOpen: count,
});
export type SourceCounters = z.infer<typeof SourceSchema>;

/** A rule in force on the data plane. */
export const RuleSchema = z.strictObject({
  rule: RuleIdSchema,
  kind: z.enum(['limit-link', 'limit-target', 'limit-flow', 'block-source']),
  award: AwardIdSchema,
  owner: AgentIdSchema,
  link: LinkIdSchema,
  source: Ipv4Schema.optional(),
  target: Ipv4Schema.optional(),
  rateBytesPerSec: z.number().optional(),
  /** ms of the clock at which it ends by itself; absent: never. */
  expiresAtMs: z.number().optional(),
});
export type PlaneRule = z.infer<typeof RuleSchema>;

/** An answer to a query. `truncated`: there were more entries than the bound of 2048 (the largest are kept). */
export const PlaneReadingSchema = z.discriminatedUnion('kind', [
  LinkLoadSchema,
  z.strictObject({
    kind: z.literal('destinations'),
    entries: z.array(DestinationSchema).max(2048),
    truncated: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('sources'),
    entries: z.array(SourceSchema).max(2048),
    truncated: z.boolean(),
  }),
  /** Sources with a handshake confirmed by a server behind the link within the last 30 s. */
  z.strictObject({
    kind: z.literal('confirmed'),
    sources: z.array(Ipv4Schema).max(4096),
    truncated: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('rules'), entries: z.array(RuleSchema) }),
]);
export type PlaneReading = z.infer<typeof PlaneReadingSchema>;

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };
