import { z } from 'zod';
import { NodeNameSchema } from './ids.ts';
import { MOST_FLOW } from './service-graph.ts';

const id = z.string().min(1).max(255);

/** Name of a service: what an operator types, so nothing in it that a shell or a terminal acts upon. */
export const ServiceNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:-]{0,127}$/, 'letters, digits, and . : - _ after the first, at most 128');

const scalar = z.union([z.string().max(65_536), z.number(), z.boolean()]).transform(String);

export const ParameterNameSchema = z
  .string()
  .regex(/^[A-Za-z_][\w.-]{0,63}$/, 'letters, digits and . - _, at most 64');

/** Values by name; numbers and truths are taken as they are written. */
export const ParametersSchema = z
  .record(ParameterNameSchema, scalar)
  .refine((values) => Object.keys(values).length <= 200, 'at most 200 values');
export type Parameters = z.infer<typeof ParametersSchema>;

/** What flows over a virtual link or a forwarding path, in each direction. */
const TrafficSchema = z.strictObject({
  bytesPerSec: z.number().nonnegative().max(MOST_FLOW).optional(),
  /** Between two functions that are next to one another. */
  maxLatencyMs: z.number().positive().max(60_000).optional(),
});

/** Settings of a scaling policy that take the place of the descriptor's, also while the service runs. */
export const ScalingSettingsSchema = z.strictObject({
  enabled: z.boolean().optional(),
  scaleOut: z.number().optional(),
  scaleIn: z.number().optional(),
  /** How long a threshold has to be passed without a break. */
  windowMs: z.number().nonnegative().max(86_400_000).optional(),
  cooldownMs: z.number().nonnegative().max(86_400_000).optional(),
});
export type ScalingSettings = z.infer<typeof ScalingSettingsSchema>;

const MemberSchema = z.strictObject({
  /** Sites that its units may run on; absent: any. */
  sites: z.array(NodeNameSchema).min(1).max(1000).optional(),
  /** No two of its units on one host. */
  hostsApart: z.boolean().optional(),
  /** Level of each scaling aspect, 0 being what there is at first; absent: as it is. */
  levels: z.record(id, z.int().min(0).max(10_000)).optional(),
  /** By aspect. */
  scaling: z.record(id, ScalingSettingsSchema).optional(),
  /** By VDU: how long after a healing the next one waits. */
  healingCooldownMs: z.record(id, z.number().nonnegative().max(86_400_000)).optional(),
  parameters: ParametersSchema.optional(),
  /** Values for what is done on the first day; they win over `parameters` there. */
  day1: ParametersSchema.optional(),
});
export type MemberWishes = z.infer<typeof MemberSchema>;

/** Whether and how Muster moves units of a service that runs to where it costs less; what is absent is as usual. */
const MigrationSchema = z.union([
  z.literal('off'),
  z.strictObject({
    /** Units that move at a time, at most. */
    budget: z.int().min(1).max(200).optional(),
    /** Migrations that Muster begins by itself within an hour, at most. */
    perHour: z.int().min(1).max(3600).optional(),
    /** Part of the cost that each move has to save. */
    margin: z.number().min(0.01).max(1).optional(),
    /** Whose units Muster moves by itself; absent: those that lead flows on. */
    members: z.array(id).max(1000).optional(),
  }),
]);

/** What becomes of units on a site that nobody can reach any more. */
export const ON_PARTITION = ['stay', 'move', 'fence'] as const;

/** Who looks after the virtual links of a service. */
export const CONTROL = ['none', 'planned'] as const;

const FlowSchema = z.strictObject({
  protocol: z.int().min(0).max(255).optional(),
  source: z.ipv4().optional(),
  destination: z.ipv4().optional(),
  sourcePort: z.int().min(1).max(65_535).optional(),
  destinationPort: z.int().min(1).max(65_535).optional(),
});

const common = {
  name: ServiceNameSchema,
  description: z.string().max(4096).optional(),
  /** Deployment flavour of the NSD; absent: its first. */
  flavour: id.optional(),
  parameters: ParametersSchema.optional(),
  /** By member, as the NSD names them. */
  members: z.record(id, MemberSchema).optional(),
  /** By virtual link or forwarding path. */
  traffic: z.record(id, TrafficSchema).optional(),
  migration: MigrationSchema.optional(),
  control: z
    .enum(CONTROL)
    .describe('`planned`: control agents that Muster works out, and keeps in step with it')
    .optional(),
  onPartition: z.enum(ON_PARTITION).optional(),
  /** How long a site may be silent before `onPartition` counts. */
  partitionGraceMs: z.number().min(0).max(3_600_000).optional(),
};

const NsdRefSchema = z.union([id, z.strictObject({ file: z.string().min(1).max(4096) })]);

const FunctionSchema = z.strictObject({
  /** The member that it becomes. */
  name: ServiceNameSchema,
  /** A capability that an onboarded VNFD offers: the name of the catalogue's entry or of the image behind one of its VDUs. */
  capability: id,
});

const ByNsdSchema = z.strictObject({ ...common, nsd: NsdRefSchema });

const ByFunctionsSchema = z.strictObject({
  ...common,
  functions: z.array(FunctionSchema).min(1).max(100),
  /** Functions through which the flows go that match, in order. */
  chain: z
    .strictObject({ through: z.array(id).min(1).max(100), match: z.array(FlowSchema).max(100) })
    .optional(),
});

/** A service as its operator asks for it: after an NSD, or by what its functions have to be able to do. */
export const ServiceFileSchema = z.union([ByNsdSchema, ByFunctionsSchema]);
export type ServiceFile = z.infer<typeof ServiceFileSchema>;

/** The file itself, of either kind: `service:` around it says what it is, as `nsd:` and `vnfd:` do. */
export const NsdDocumentSchema = z.strictObject({ service: ByNsdSchema });
export const FunctionsDocumentSchema = z.strictObject({ service: ByFunctionsSchema });
