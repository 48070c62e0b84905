import { z } from 'zod';
import { AgentConfigSchema, Hex32Schema, MOST_PART_CHARS } from './agent-control.ts';

/** Where the registry is, in the place of a site. */
export const REGISTRY = 'registry:';

/** What one disclosure may be, packed and sealed: so many parts. */
export const MOST_PARTS = 128;
/** The same unpacked, bytes. */
export const MOST_DISCLOSED_BYTES = 134_217_728;
/** Segments that an agent may have between two rounds that it passes. */
const MOST_SEGMENTS = 100_000;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const part = z.string().max(MOST_PART_CHARS);
const destination = z.string().regex(/^(?:registry:|[a-z0-9][a-z0-9-]{0,62})$/);

/**
 * Asks for what is behind a commit. Only who may judge a round knows its answer before the verdict, so the answer is what allows it;
 * the reply is sealed to `kemKey`.
 */
export const DisclosureWantedSchema = z.strictObject({
  kind: z.literal('disclosure-wanted'),
  /** Site of the agent. */
  at: destination,
  /** Site of whoever asks, or the registry; who passes it on puts it right. */
  from: destination,
  round: count,
  /** Drawn by who asks, so that nobody else can send a reply. */
  request: Hex32Schema,
  answer: Hex32Schema,
  kemKey: Hex32Schema,
});
export type DisclosureWanted = z.infer<typeof DisclosureWantedSchema>;

export const DisclosurePartSchema = z.strictObject({
  kind: z.literal('disclosure-part'),
  to: destination,
  request: Hex32Schema,
  index: count,
  of: z.number().int().min(1).max(MOST_PARTS),
  part,
});
export type DisclosurePart = z.infer<typeof DisclosurePartSchema>;

/** What a re-execution is made with, by whoever keeps reference values. */
export const ReferenceSchema = z.strictObject({
  /** The very text that the agent was started with. */
  config: z.string().max(1_000_000),
  /** File of its image: whoever reads it compares its digest with the ledger. */
  image: z.string().min(1).max(4096),
});
export type Reference = z.infer<typeof ReferenceSchema>;

export const AppraisalSchema = z.strictObject({
  kind: z.literal('appraisal'),
  /** Canonical text whose sha256 the verdict carries. */
  text: z.string().max(2000),
});

/** What has come out of an agent, see `OutputRegister`. */
const RegisterSchema = z.strictObject({ outputs: count, digest: Hex32Schema });

/** Asks the daemon of an agent's site what had come out of an incarnation when it stated a head of its decisions. */
export const OutputsWantedSchema = z.strictObject({
  kind: z.literal('outputs-wanted'),
  /** Site of the agent; and of whoever asks, or the registry. */
  at: destination,
  from: destination,
  /** Drawn by who asks. */
  request: Hex32Schema,
  agent: Hex32Schema,
  incarnation: count,
  head: Hex32Schema,
});
export type OutputsWanted = z.infer<typeof OutputsWantedSchema>;

export const OutputsSchema = z.strictObject({
  kind: z.literal('outputs'),
  to: destination,
  request: Hex32Schema,
  register: RegisterSchema,
});
export type Outputs = z.infer<typeof OutputsSchema>;

const OpeningSchema = z.strictObject({
  previous: Hex32Schema,
  root: Hex32Schema,
  segments: count,
  state: Hex32Schema,
  decisions: count,
  register: RegisterSchema,
});

/** What is sealed: everything that a head is the hash of, and the segments that were drawn. */
export const DisclosureSchema = z.strictObject({
  opening: OpeningSchema,
  previousOpening: OpeningSchema.optional(),
  headers: z
    .array(
      z.strictObject({
        decisions: count,
        before: Hex32Schema,
        after: Hex32Schema,
        body: Hex32Schema,
        register: RegisterSchema,
      }),
    )
    .max(MOST_SEGMENTS),
  /** Texts by their index. */
  texts: z.array(z.tuple([count, z.string()])).max(1000),
});
export type Disclosure = z.infer<typeof DisclosureSchema>;

/** To a process that executes decisions again. */
export const ToReExecutorSchema = z.discriminatedUnion('kind', [
  /** More of a packed disclosure; the first begins it. */
  z.strictObject({ kind: z.literal('part'), request: count, first: z.boolean(), part }),
  z.strictObject({
    kind: z.literal('appraise'),
    request: count,
    config: AgentConfigSchema,
    head: Hex32Schema,
    settled: Hex32Schema,
    seed: Hex32Schema,
  }),
]);
export type ToReExecutor = z.infer<typeof ToReExecutorSchema>;

export const DecisionFindingsSchema = z.strictObject({
  /** Decisions behind the head, and how many of them were executed again. */
  decisions: count,
  executed: count,
  /** What the agent accounts for having put out by all of its decisions; absent where something speaks against them. */
  register: RegisterSchema.optional(),
  /** Why they are not those of the reference; absent: they are. */
  reason: z.string().max(400).optional(),
});
export type DecisionFindings = z.infer<typeof DecisionFindingsSchema>;

/** From it. */
export const FromReExecutorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('taken'), request: count }),
  z.strictObject({ kind: z.literal('appraised'), request: count, findings: DecisionFindingsSchema }),
]);
export type FromReExecutor = z.infer<typeof FromReExecutorSchema>;
