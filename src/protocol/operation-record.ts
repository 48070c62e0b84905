import { z } from 'zod';
import { NodeNameSchema } from './ids.ts';
import { ServiceFileSchema } from './service-file.ts';
import { MAX_UNIT_LINKS, MAX_UNITS, PlacementSchema, ServiceGraphSchema } from './service-graph.ts';
import { ServiceShapeSchema } from './service-record.ts';
import {
  ActionRequestSchema,
  HealRequestSchema,
  InstantiateRequestSchema,
  MigrateRequestSchema,
  ScaleRequestSchema,
  TerminateRequestSchema,
  UpdateRequestSchema,
} from './service-requests.ts';

const id = z.string().min(1).max(600);
const words = z.string().max(8192);
const atMs = z.int();

/** SOL005 NsLcmOperationStateType. */
export const OPERATION_STATES = [
  'PROCESSING',
  'COMPLETED',
  'PARTIALLY_COMPLETED',
  'FAILED_TEMP',
  'FAILED',
  'ROLLING_BACK',
  'ROLLED_BACK',
] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

/** What an operation does, in this order; each kind of operation has those it needs. */
export const STEP_KINDS = [
  'hold-packages',
  'place',
  'start-units',
  'await-health',
  'configure',
  'set-chains',
  'act',
  'deconfigure',
  'stop-units',
  'release',
  'let-packages-go',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

export const StepSchema = z.strictObject({
  kind: z.enum(STEP_KINDS),
  state: z.enum(['waiting', 'doing', 'done', 'failed', 'undoing', 'undone']),
  /** What it does, in words, with its numbers. */
  about: words,
  attempts: z.int().nonnegative(),
  startedAtMs: atMs.nullable(),
  endedAtMs: atMs.nullable(),
});
export type Step = z.infer<typeof StepSchema>;

/** Something that went wrong: what, where, and what can be done. */
export const OperationErrorSchema = z.strictObject({
  atMs,
  step: z.enum(STEP_KINDS).nullable(),
  message: words,
  mend: words,
  /** `warning`: the operation went on. */
  severity: z.enum(['error', 'warning']),
});
export type OperationError = z.infer<typeof OperationErrorSchema>;

export const OperationParamsSchema = z.discriminatedUnion('kind', [
  InstantiateRequestSchema.extend({ kind: z.literal('instantiate') }),
  ScaleRequestSchema.extend({ kind: z.literal('scale') }),
  HealRequestSchema.extend({ kind: z.literal('heal') }),
  MigrateRequestSchema.extend({ kind: z.literal('migrate') }),
  UpdateRequestSchema.extend({ kind: z.literal('update') }),
  ActionRequestSchema.extend({ kind: z.literal('action') }),
  TerminateRequestSchema.extend({ kind: z.literal('terminate') }),
]);
export type OperationParams = z.infer<typeof OperationParamsSchema>;
export type OperationKind = OperationParams['kind'];

/** An operation occurrence as it is stored and told (SOL005 NsLcmOpOcc). */
export const OperationSchema = z.strictObject({
  format: z.literal(1),
  id,
  service: id,
  serviceName: z.string().max(255),
  params: OperationParamsSchema,
  /** Whether Muster began it by itself: scaling over a threshold, healing. */
  automatic: z.boolean(),
  /** Why it was begun. */
  reason: words,
  state: z.enum(OPERATION_STATES),
  enteredAtMs: atMs,
  startedAtMs: atMs,
  steps: z.array(StepSchema).max(STEP_KINDS.length),
  errors: z.array(OperationErrorSchema).max(100),
  cancelPending: z.boolean(),
  onFailure: z.enum(['wait', 'rollback']),
  /** What there was when it began, and what there shall be. */
  before: ServiceShapeSchema,
  target: ServiceShapeSchema,
  /** What the service is asked to be once this is done, and the digests of the packages that it then runs after. */
  wanted: ServiceFileSchema,
  flavour: id,
  packages: z.record(z.string().max(600), z.string().max(64)),
  /** The target as placement sees it; null: nothing is to be placed. */
  graph: ServiceGraphSchema.extend({
    units: ServiceGraphSchema.shape.units.max(MAX_UNITS),
    links: ServiceGraphSchema.shape.links.max(MAX_UNIT_LINKS),
  }).nullable(),
  /** Where the target's units go; null: not placed yet. */
  placement: PlacementSchema.nullable(),
  /** Sites on which nothing is placed: nobody can reach them. */
  avoidSites: z.array(NodeNameSchema).max(1000),
  /** What primitives answered. */
  outputs: z
    .array(z.strictObject({ primitive: id, unit: id, exitCode: z.int().nullable(), output: words }))
    .max(200),
});
export type Operation = z.infer<typeof OperationSchema>;
