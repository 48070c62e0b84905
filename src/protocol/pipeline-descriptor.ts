import { z } from 'zod';
import { AgentIdSchema, NodeNameSchema } from './ids.ts';
import { CapabilityNameSchema } from './scenario.ts';

/** As many members as the ledger's contract has. */
const MOST_AGENTS = 256;
const words = z.string().max(500);

/** Name of a pipeline: that of its service, as far as an agent's name can hold it. */
export const PipelineNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63');

/** The image that every agent is started from, unless its pipeline was brought up with another. */
export const USUAL_IMAGE = 'muster/agent';

const ImageSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._/-]{0,126}(@sha256:[0-9a-f]{64})?$/,
    'an image by its name, with or without @sha256: and its digest',
  )
  .describe('what it is booted from: the name of an image, and its digest where just that one is meant');

const DutySchema = z.strictObject({
  capability: CapabilityNameSchema,
  /** What it is about: `member/vdu`, `path NAME`. */
  of: z.string().min(1).max(600),
  because: words.optional(),
});
export type DescribedDuty = z.infer<typeof DutySchema>;

const AgentSchema = z.strictObject({
  name: AgentIdSchema,
  site: NodeNameSchema,
  host: NodeNameSchema,
  image: ImageSchema.default(USUAL_IMAGE),
  /** Empty: it only keeps the book of its site. */
  capabilities: z.array(CapabilityNameSchema).max(64),
  /** Why it is there. For who reads it: nothing is decided by it. */
  duties: z.array(DutySchema).max(2000).optional(),
});
export type DescribedAgent = z.infer<typeof AgentSchema>;

/** What two agents ask of one another: a goal that one puts out to auction and the other offers, or `attestation`. */
const LinkSchema = z.strictObject({
  between: z.tuple([AgentIdSchema, AgentIdSchema]),
  for: z.array(z.string().min(1).max(64)).min(1).max(64),
});
export type DescribedLink = z.infer<typeof LinkSchema>;

const VerificationSchema = z.strictObject({
  /** Verifiers of each round, every one behind another guard: what the pipeline's contract was set up with. */
  perRound: z.int().min(1).max(16).default(1),
  /** In which agents attest one another, round and round. */
  order: z.array(AgentIdSchema).max(MOST_AGENTS),
  /** Who vouches for whom when rounds go in that order; absent: worked out. */
  verifiers: z
    .array(z.strictObject({ of: AgentIdSchema, by: z.array(AgentIdSchema).max(16) }))
    .max(MOST_AGENTS)
    .optional(),
});
export type Verification = z.infer<typeof VerificationSchema>;

const PipelineSchema = z.strictObject({
  name: PipelineNameSchema,
  /** The service that it looks after; absent: none in particular. */
  service: z.string().min(1).max(255).optional(),
  agents: z.array(AgentSchema).max(MOST_AGENTS),
  /** Absent: worked out. */
  links: z
    .array(LinkSchema)
    .max(MOST_AGENTS * 64)
    .optional(),
  /** Absent: worked out. */
  verification: VerificationSchema.optional(),
});

/** The control agents of a service: where each is, what it is booted from, who talks to whom, who vouches for whom. */
export type PipelineDescriptor = z.infer<typeof PipelineSchema>;

/** The file: `pipeline:` around it says what it is. A format of ours, so keys that are not known are refused. */
export const PipelineDocumentSchema = z.strictObject({ pipeline: PipelineSchema });

/** The JSON Schema of the file, for editors; published as examples/pipeline/pipeline.schema.json. */
export function pipelineJsonSchema(): object {
  return { title: 'Muster pipeline', ...z.toJSONSchema(PipelineDocumentSchema, { io: 'input' }) };
}
