import { z } from 'zod';
import { NodeNameSchema } from './ids.ts';
import { ParametersSchema, ServiceFileSchema, ServiceNameSchema } from './service-file.ts';

const id = z.string().min(1).max(255);

/** What an operation does when one of its steps fails: stop there and wait to be told (FAILED_TEMP), or undo what it has done. */
const onFailure = z.enum(['wait', 'rollback']).optional();

/** A service that is only named so far (SOL005 CreateNsRequest). */
export const NewServiceSchema = z.strictObject({
  name: ServiceNameSchema,
  description: z.string().max(4096).optional(),
  nsd: id,
  flavour: id.optional(),
});
export type NewService = z.input<typeof NewServiceSchema>;

/** SOL005 InstantiateNsRequest, in our words: wishes and values beyond those it was created with. */
export const InstantiateRequestSchema = z.strictObject({
  flavour: id.optional(),
  parameters: ParametersSchema.optional(),
  members: z
    .record(
      id,
      z.strictObject({
        sites: z.array(NodeNameSchema).min(1).max(1000).optional(),
        levels: z.record(id, z.int().min(0).max(10_000)).optional(),
        parameters: ParametersSchema.optional(),
        day1: ParametersSchema.optional(),
      }),
    )
    .optional(),
  onFailure,
});
export type InstantiateRequest = z.input<typeof InstantiateRequestSchema>;

/** One aspect of one member by some levels, or to a level. */
export const ScaleRequestSchema = z.strictObject({
  /** Id of the VNF instance, or of the member of which there is one. */
  vnf: id,
  /** Absent: the only one there is. */
  aspect: id.optional(),
  direction: z.enum(['out', 'in']),
  steps: z.int().min(1).max(1000).default(1),
  onFailure,
});
export type ScaleRequest = z.input<typeof ScaleRequestSchema>;

/** Puts new units in the place of others. Nothing named: of all that do not run. */
export const HealRequestSchema = z.strictObject({
  cause: z.string().max(1000).optional(),
  /** Ids of units. */
  units: z.array(id).max(200).optional(),
  vnf: id.optional(),
  vdu: id.optional(),
  /** Whether what is done on the first day is done again; absent: as the descriptor says. */
  day1: z.boolean().optional(),
  onFailure,
});
export type HealRequest = z.input<typeof HealRequestSchema>;

/** Asks the agents whether units of a service that runs would cost less elsewhere, and moves them there when that pays. */
export const ImproveRequestSchema = z.strictObject({
  /** Units that move at most; absent: as the service file says. */
  budget: z.int().min(1).max(200).optional(),
  /** Part of the cost that each move has to save; absent: as the service file says. */
  margin: z.number().min(0.01).max(1).optional(),
  /** Tells what would move, and moves nothing. */
  dryRun: z.boolean().default(false),
  onFailure,
});
export type ImproveRequest = z.input<typeof ImproveRequestSchema>;

/** What agents have offered: where units go, the ways of their links by the names that their ends have now, and what all of it costs. */
export const MigrateRequestSchema = z.strictObject({
  moves: z
    .array(z.strictObject({ unit: id, host: NodeNameSchema, site: NodeNameSchema }))
    .min(1)
    .max(200),
  links: z
    .array(z.strictObject({ ends: z.tuple([id, id]), path: z.array(NodeNameSchema).max(1000) }))
    .max(2000),
  /** Bandwidth times hops of all links, bytes/s. */
  cost: z.strictObject({ now: z.number().nonnegative(), after: z.number().nonnegative() }),
  onFailure,
});
export type MigrateRequest = z.infer<typeof MigrateRequestSchema>;

/** Other wishes and values for a service that runs, or the new content of its packages. Absent: as they are. */
export const UpdateRequestSchema = z.strictObject({
  file: ServiceFileSchema.optional(),
  onFailure,
});
export type UpdateRequest = z.input<typeof UpdateRequestSchema>;

/** A primitive of the descriptor, carried out on a function. */
export const ActionRequestSchema = z.strictObject({
  vnf: id,
  primitive: id,
  /** Of which VDU, and which of its units; absent: as the descriptor says, and all. */
  vdu: id.optional(),
  unit: id.optional(),
  parameters: ParametersSchema.default({}),
  timeoutMs: z.int().min(100).max(600_000).default(60_000),
});
export type ActionRequest = z.input<typeof ActionRequestSchema>;

export const TerminateRequestSchema = z.strictObject({
  /** The instance is forgotten once nothing of it runs. */
  remove: z.boolean().default(false),
});
export type TerminateRequest = z.input<typeof TerminateRequestSchema>;

/** Body of `POST /v1/services/apply`. */
export const ApplyRequestSchema = z.strictObject({
  service: ServiceFileSchema,
  /** Tells what would change, and changes nothing. */
  dryRun: z.boolean().default(false),
  onFailure,
});
export type ApplyRequest = z.input<typeof ApplyRequestSchema>;
