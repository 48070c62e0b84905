import { z } from 'zod';
import { Hex32Schema } from './agent-control.ts';
import { MAX_FRAME_BYTES } from './frame.ts';
import { AgentIdSchema, AwardIdSchema } from './ids.ts';
import { JsonSchema } from './json.ts';

/** Largest message between an agent and its site daemon, or between two daemons, bytes. */
export const MAX_SITE_MESSAGE_BYTES = 1_048_576;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes');
const signature = bytes.refine((value) => value.length === 64, '64 bytes');
const frame = bytes.refine((value) => value.length <= MAX_FRAME_BYTES, 'a frame');
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** From one site's daemon to another's. */
export const CarriedSchema = z.strictObject({ kind: z.literal('frame'), to: AgentIdSchema, frame });
export type Carried = z.infer<typeof CarriedSchema>;

/** From an agent to the daemon of its site. */
export const ToDaemonSchema = z.discriminatedUnion('kind', [
  /** Answers the daemon's nonce, signed with the frame key that the ledger names for that incarnation. */
  z.strictObject({ kind: z.literal('hello'), agent: AgentIdSchema, incarnation: count, signature }),
  z.strictObject({ kind: z.literal('frame'), to: AgentIdSchema, frame }),
  /** A message that it has decided to send and has no key for. */
  z.strictObject({
    kind: z.literal('unsent'),
    to: AgentIdSchema,
    decision: count,
    said: bytes.refine((value) => value.length === 32, '32 bytes'),
  }),
  /** It has stated a head of its decisions: what it has said so far comes from those, and what follows from later ones. */
  z.strictObject({ kind: z.literal('head'), head: Hex32Schema }),
  /** `body`: a `Command` in CBOR. */
  z.strictObject({ kind: z.literal('command'), body: bytes, signature }),
  /** For whoever keeps the journal; sealed to them. */
  z.strictObject({ kind: z.literal('telemetry'), sealed: bytes }),
]);
export type ToDaemon = z.infer<typeof ToDaemonSchema>;

export const OutcomeSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: JsonSchema }),
  z.strictObject({ ok: z.literal(false), error: z.string().max(4000) }),
]);

/** From a daemon to an agent of its site. */
export const FromDaemonSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('nonce'),
    nonce: bytes.refine((value) => value.length === 32, '32 bytes'),
  }),
  z.strictObject({ kind: z.literal('welcome') }),
  z.strictObject({ kind: z.literal('refused'), reason: z.string().max(400) }),
  z.strictObject({ kind: z.literal('frame'), frame }),
  z.strictObject({ kind: z.literal('result'), token: count, outcome: OutcomeSchema }),
  z.strictObject({
    kind: z.literal('percept'),
    topic: z.string().max(64),
    subject: z.string().max(160),
    value: z.unknown(),
  }),
  z.strictObject({
    kind: z.literal('goal'),
    goal: z.string().max(64),
    args: z.record(z.string(), JsonSchema),
    from: z.string().max(64),
  }),
]);
export type FromDaemon = z.infer<typeof FromDaemonSchema>;

/**
 * What the giver of an award says of it where commands are carried out: who holds it now, or that nobody does. `takesOver`: the
 * award whose rules pass to the new one.
 */
const awardGiven = z.strictObject({
  kind: z.literal('award-given'),
  award: AwardIdSchema,
  holder: AgentIdSchema,
  takesOver: AwardIdSchema.optional(),
});
const awardOver = z.strictObject({ kind: z.literal('award-over'), award: AwardIdSchema });
export const AwardWordSchema = z.discriminatedUnion('kind', [awardGiven, awardOver]);
export type AwardWord = z.infer<typeof AwardWordSchema>;

/**
 * What an agent asks to be done on the network. The daemon carries it out only while the agent's attestation is valid, under
 * the current epoch, for the incarnation that was attested, and once: `seq` counts up. `decision`: which one it comes from.
 */
export const CommandSchema = z.strictObject({
  pipeline: z.string().max(256),
  agent: AgentIdSchema,
  incarnation: count,
  epoch: count,
  seq: count,
  decision: count,
  what: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('act'),
      token: count,
      entry: count,
      reason: z.string().max(4000),
      action: z.object({ kind: z.string().max(64) }).catchall(JsonSchema),
    }),
    z.strictObject({ kind: z.literal('abort'), token: count }),
    awardGiven,
    awardOver,
  ]),
});
export type Command = z.infer<typeof CommandSchema>;

/** Upper bounds of the classes that decisions are counted in, ms. */
export const LATENCY_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;

/** How an agent's process fares; all but `maxRssKb` counts up over its life. */
export const VitalsSchema = z.strictObject({
  cpuMs: count,
  maxRssKb: count,
  cycles: count,
  events: count,
  goalsAdopted: count,
  goalsAchieved: count,
  goalsFailed: count,
  /** From the first event of a cycle until its effects are out; `buckets`: as `LATENCY_BOUNDS_MS`, each without those before. */
  decisions: z.strictObject({
    count,
    sumMs: z.number().min(0),
    buckets: z.array(count).length(LATENCY_BOUNDS_MS.length),
  }),
});
export type Vitals = z.infer<typeof VitalsSchema>;

/** A batch of what an agent has reasoned, before it is sealed. */
export const TelemetrySchema = z.strictObject({
  /** Journal entries, checked one by one by whoever keeps the journal. */
  journal: z.array(z.unknown()).max(10_000),
  /** Inputs of its cycles, in order. */
  inputs: z.array(z.unknown()).max(10_000),
  sent: count,
  received: count,
  refusedFrames: count,
  roles: z.array(z.string().max(64)).max(64),
  /** Absent: of a program that does not measure itself. */
  vitals: VitalsSchema.optional(),
});
export type Telemetry = z.infer<typeof TelemetrySchema>;

/** A sealed batch: `encapsulated` begins a new stream of one incarnation, `seq` counts from 0 in it. */
export const SealedTelemetrySchema = z.tuple([
  z.literal(1),
  AgentIdSchema,
  count,
  bytes.nullable(),
  count,
  bytes,
  signature,
]);
