import { z } from 'zod';
import { AgentIdSchema } from './ids.ts';
import type { Hex } from './ledger.ts';
import { PlacingSchema } from './placing.ts';
import { AgentSpecSchema, FunctionSchema, TopologySchema } from './scenario.ts';

/** Characters of base64 in one part of what an agent discloses. */
export const MOST_PART_CHARS = 262_144;

/** Longest line on the channel between a guard and its agent, in characters. */
export const MAX_CONTROL_CHARS = 1_048_576;

const isHex = (value: unknown, length?: number): boolean =>
  typeof value === 'string' &&
  /^0x(?:[0-9a-f]{2})*$/.test(value) &&
  (length === undefined || value.length === 2 + 2 * length);
export const HexSchema = z.custom<Hex>((value) => isHex(value), 'hexadecimal after 0x');
export const Hex32Schema = z.custom<Hex>((value) => isHex(value, 32), '32 bytes in hexadecimal after 0x');
export const AddressSchema = z.custom<Hex>((value) => isHex(value, 20), '20 bytes in hexadecimal after 0x');

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** ns of the machine's monotonic clock, as text since it does not fit a number. */
const instantNs = z.string().regex(/^-?\d{1,20}$/);

/** A member of the group as its guard knows it from the ledger. */
export const PeerSchema = z.strictObject({
  name: AgentIdSchema,
  key: Hex32Schema,
  incarnation: count,
  frameKey: Hex32Schema,
  kemKey: Hex32Schema,
  /** What is left of its validity, ms. */
  validForMs: z.number(),
});
export type PeerRecord = z.infer<typeof PeerSchema>;

/** What an agent process is started with; measured: its digest is a part of the reference value. */
export const AgentConfigSchema = z.strictObject({
  name: AgentIdSchema,
  /** keccak256 of the name, as the ledger calls it. */
  key: Hex32Schema,
  incarnation: count,
  /** Names the pipeline in everything that is sealed or signed: chain, contracts. */
  pipeline: z.string().min(1).max(256),
  /** X25519 key of whoever keeps the journal. */
  collector: Hex32Schema,
  startMs: z.number(),
  zeroNs: instantNs,
  /** Decisions drawn in each round that a verifier executes again; 0: the agent keeps no chain of them. */
  draws: z.number().int().min(0).max(1000),
  /** What this and the other agents are, as far as they may know: no attack, no user, no expectation. */
  agents: z.array(AgentSpecSchema).min(1).max(2000),
  hosts: TopologySchema.shape.hosts,
  functions: z.array(FunctionSchema).max(200),
  /** Present: it keeps the book of a site and places services. */
  placing: PlacingSchema.optional(),
});
export type AgentConfig = z.infer<typeof AgentConfigSchema>;

/** From a guard to its agent. */
export const ToAgentSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start'), config: AgentConfigSchema }),
  /** Who is attested now. */
  z.strictObject({ kind: z.literal('peers'), peers: z.array(PeerSchema).max(2000) }),
  /** The group's key, sealed to this agent. `grace`: the one before may be used a moment longer. */
  z.strictObject({
    kind: z.literal('epoch'),
    number: count,
    sealed: HexSchema,
    context: HexSchema,
    grace: z.boolean(),
  }),
  /** This agent is the steward: it draws a key and seals it to each of these. */
  z.strictObject({
    kind: z.literal('seal-epoch'),
    request: count,
    context: HexSchema,
    peers: z.array(PeerSchema).max(2000),
  }),
  z.strictObject({ kind: z.literal('evidence'), request: count }),
  /** A round over that head of its decisions was passed. */
  z.strictObject({ kind: z.literal('settled'), head: Hex32Schema }),
  /** What is behind a head that it has stated, with the decisions that `seed` draws, sealed to a key. */
  z.strictObject({
    kind: z.literal('disclose'),
    request: count,
    head: Hex32Schema,
    seed: Hex32Schema,
    kemKey: Hex32Schema,
  }),
  z.strictObject({ kind: z.literal('clock'), zeroNs: instantNs }),
  /** Who is in the group now: one has come, gone or moved since it was started. */
  z.strictObject({ kind: z.literal('agents'), agents: z.array(AgentSpecSchema).max(2000) }),
  z.strictObject({ kind: z.literal('ping'), request: count }),
]);
export type ToAgent = z.infer<typeof ToAgentSchema>;

/** From an agent to its guard. */
export const FromAgentSchema = z.discriminatedUnion('kind', [
  /** First of all: the public halves of the keys that it has drawn; zero: takes no part in the group key. */
  z.strictObject({ kind: z.literal('hello'), kemKey: Hex32Schema, frameKey: Hex32Schema }),
  z.strictObject({ kind: z.literal('evidence'), request: count, decisionHead: Hex32Schema }),
  z.strictObject({
    kind: z.literal('epoch-sealed'),
    request: count,
    envelopes: z.array(HexSchema).max(2000),
  }),
  z.strictObject({ kind: z.literal('epoch-held'), number: count }),
  /** Its envelope does not open. */
  z.strictObject({ kind: z.literal('epoch-refused'), number: count }),
  /** A part of what it discloses, in order; `of`: 0, it has no such head. */
  z.strictObject({
    kind: z.literal('disclosed'),
    request: count,
    index: count,
    of: count,
    part: z.string().max(MOST_PART_CHARS),
  }),
  z.strictObject({ kind: z.literal('pong'), request: count }),
  z.strictObject({ kind: z.literal('log'), text: z.string().max(2000) }),
]);
export type FromAgent = z.infer<typeof FromAgentSchema>;
