import { z } from 'zod';
import { NodeNameSchema } from './ids.ts';

const amount = z.number().nonnegative().max(1e12);
const id = z.string().min(1).max(255);

/** What a unit takes of its host (`Demand` of a descriptor). */
export const DemandSchema = z.strictObject({ vcpus: amount, memoryMib: amount, storageGb: amount });

/** One instance of a VDU: the thing that is placed. */
export const UnitSchema = z.strictObject({
  /** `member/vdu/index`, unique in the service. */
  id,
  member: id,
  vdu: id,
  demand: DemandSchema,
  /** Sites that it may run on; empty: any. */
  sites: z.array(NodeNameSchema).max(1000),
  /** Names of groups whose units keep together on one host (`affinity`) or apart (`antiAffinity`); scope host or site. */
  affinity: z.array(z.strictObject({ group: id, scope: z.enum(['host', 'site']) })).max(32),
  antiAffinity: z.array(z.strictObject({ group: id, scope: z.enum(['host', 'site']) })).max(32),
});
export type Unit = z.infer<typeof UnitSchema>;

/** What flows between two units: booked along one path, unsplit; nothing is booked between units of one host. */
export const UnitLinkSchema = z.strictObject({
  id,
  ends: z.tuple([id, id]),
  bytesPerSec: amount,
  /** The whole path may take at most this long; undefined: no bound. */
  maxLatencyMs: amount.optional(),
});
export type UnitLink = z.infer<typeof UnitLinkSchema>;

/** A service as placement sees it. */
export const ServiceGraphSchema = z.strictObject({
  service: id,
  units: z.array(UnitSchema).min(1).max(200),
  links: z.array(UnitLinkSchema).max(2000),
  /** No two units of the service on one host (the rule of Virne's benchmark). */
  spread: z.boolean().default(false),
});
export type ServiceGraph = z.infer<typeof ServiceGraphSchema>;

/** Where a unit runs, and along which links (ids, from the first end to the second) each unit link goes. */
export const PlacementSchema = z.strictObject({
  service: id,
  units: z.array(z.strictObject({ unit: id, host: NodeNameSchema, site: NodeNameSchema })).max(200),
  links: z.array(z.strictObject({ link: id, path: z.array(NodeNameSchema).max(1000) })).max(2000),
});
export type Placement = z.infer<typeof PlacementSchema>;
