import { z } from 'zod';
import { NodeNameSchema } from './ids.ts';
import { ON_PARTITION, ParametersSchema, ServiceFileSchema } from './service-file.ts';
import { UnitLinkSchema, UnitSchema } from './service-graph.ts';
import { ImageTargetSchema } from './site-config.ts';

const id = z.string().min(1).max(600);
const words = z.string().max(8192);
const atMs = z.int();

/** What a unit is ordered with (`UnitOrder`), except where it runs. */
export const UnitRecipeSchema = z.strictObject({
  image: ImageTargetSchema,
  interfaces: z
    .array(z.strictObject({ name: id, link: id, point: id, address: z.string().max(64).optional() }))
    .max(64),
  cloudInit: z.string().max(1_000_000).optional(),
  parameters: ParametersSchema,
});
export type UnitRecipe = z.infer<typeof UnitRecipeSchema>;

/** A unit that has been ordered: what the store says of it is true also when the process that ordered it is gone. */
export const UnitRecordSchema = z.strictObject({
  /** `service id/vnf/vdu/index`: never used again, also when the unit is replaced. */
  id,
  vnf: id,
  vdu: id,
  /** Its place among the units of its VDU. */
  index: z.int().nonnegative(),
  unit: UnitSchema,
  recipe: UnitRecipeSchema,
  /** Null: not placed yet. */
  host: NodeNameSchema.nullable(),
  site: NodeNameSchema.nullable(),
  /** `ordered`: it may run or not; `stopping`: it is to be gone. */
  state: z.enum(['ordered', 'running', 'failed', 'stopping']),
  /** Address by the name of the interface. */
  addresses: z.record(z.string().max(255), z.string().max(64)),
  reason: words.nullable(),
  /** Whether what is done on its first day has been done. */
  configured: z.boolean(),
  orderedAtMs: atMs,
});
export type UnitRecord = z.infer<typeof UnitRecordSchema>;

/** A chain as it is set (`ChainOrder`). */
export const ChainRecordSchema = z.strictObject({
  id,
  match: z.strictObject({
    protocol: z.int().optional(),
    source: z.string().max(64).optional(),
    destination: z.string().max(64).optional(),
    sourcePort: z.int().optional(),
    destinationPort: z.int().optional(),
  }),
  /** Whose address the source is, where the descriptor only names the member that flows come from; null: `match` says all. */
  from: z.strictObject({ unit: id, interface: id }).nullable(),
  hops: z
    .array(
      z.strictObject({
        unit: id,
        /** Other units of its VDU, which share its flows. */
        beside: z.array(id).max(200).exactOptional(),
        ingress: id,
        egress: id,
      }),
    )
    .max(200),
});
export type ChainRecord = z.infer<typeof ChainRecordSchema>;

/** A VNF of a service (SOL005 VnfInstance). */
export const VnfRecordSchema = z.strictObject({
  /** The member, or `member-2` for the second of its kind. */
  id,
  member: id,
  vnfdId: id,
  flavour: id,
  state: z.enum(['NOT_INSTANTIATED', 'INSTANTIATED']),
  operational: z.enum(['STARTED', 'STOPPED']),
  /** Level of each scaling aspect. */
  levels: z.record(id, z.int().nonnegative()),
});
export type VnfRecord = z.infer<typeof VnfRecordSchema>;

/** What runs of a service, or shall run. */
export const ServiceShapeSchema = z.strictObject({
  vnfs: z.array(VnfRecordSchema).max(1000),
  units: z.array(UnitRecordSchema).max(400),
  chains: z.array(ChainRecordSchema).max(1000),
  /** What is booked between units, and along which links. */
  links: z.array(z.strictObject({ link: UnitLinkSchema, path: z.array(NodeNameSchema).max(1000) })).max(2000),
});
export type ServiceShape = z.infer<typeof ServiceShapeSchema>;

/** When scaling and healing were last done, so that cooldowns outlive the process. */
export const LifeMarksSchema = z.strictObject({
  /** By `vnf/aspect`. */
  scaledAtMs: z.record(id, atMs),
  /** By `vnf/vdu`. */
  healedAtMs: z.record(id, atMs),
  /** When Muster has last moved units by itself, or tried to: as many as are counted within an hour. */
  migratedAtMs: z.array(atMs).max(3600).default([]),
});
export type LifeMarks = z.infer<typeof LifeMarksSchema>;

/** An alarm of a VDU (`vdu.alarm` of its VNFD), as it was told last. */
export const AlarmRecordSchema = z.strictObject({
  vnf: id,
  vdu: id,
  alarm: id,
  /** Null: the descriptor names nothing that is measured. */
  metric: z.string().max(8192).nullable(),
  operation: z.string().max(8192).nullable(),
  value: z.number().nullable(),
  state: z.enum(['ok', 'alarm', 'insufficient-data']),
  sinceMs: atMs,
  /** What was measured when it came to this. */
  reason: words,
});
export type AlarmRecord = z.infer<typeof AlarmRecordSchema>;

/** A service as it is stored and told (SOL005 NsInstance). Times in ms of the runtime's clock of the wall. */
export const ServiceInstanceSchema = z.strictObject({
  format: z.literal(1),
  id,
  /** Rises with every change. */
  revision: z.int().nonnegative(),
  name: z.string().max(255),
  description: words,
  nsdId: id,
  flavour: id,
  state: z.enum(['NOT_INSTANTIATED', 'INSTANTIATED']),
  /** As it was asked for last. */
  wanted: ServiceFileSchema,
  onPartition: z.enum(ON_PARTITION),
  partitionGraceMs: z.number(),
  /** Digest of each package (`nsd/id`, `vnfd/id`) that it runs after. */
  packages: z.record(z.string().max(600), z.string().max(64)),
  /** Packages that it keeps from being changed or deleted. */
  held: z.array(z.string().max(600)).max(1000),
  shape: ServiceShapeSchema,
  marks: LifeMarksSchema,
  /** Units are numbered on, never anew. */
  nextIndex: z.record(id, z.int().nonnegative()),
  /** The operation that is not over; null: none. */
  operation: id.nullable(),
  /** What an operator should know: what waits, and for what. */
  notes: z.array(words).max(200),
  /** Alarms of its descriptors that have been judged. */
  alarms: z.array(AlarmRecordSchema).max(500).default([]),
  createdAtMs: atMs,
  updatedAtMs: atMs,
});
export type ServiceInstance = z.infer<typeof ServiceInstanceSchema>;
