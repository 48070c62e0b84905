import { z } from 'zod';
import { NodeNameSchema } from './ids.ts';

/** Of anything that is placed, in its unit: more than any host or link has. */
export const MOST_AMOUNT = 1e12;
/** Of one flow in bytes/s, 800 Gbit/s: prices of many are still told. */
export const MOST_FLOW = 1e11;
/** What is more than that goes nowhere just as well. */
export const bounded = (sum: number): number => Math.min(sum, MOST_AMOUNT);

const amount = z.number().nonnegative().max(MOST_AMOUNT);
const id = z.string().min(1).max(255);

/** Units that a service has at most. */
export const MAX_UNITS = 200;
/** Links between them. */
export const MAX_UNIT_LINKS = 2000;
/** While all of a service is replaced its units of before are booked beside the new ones. */
export const MAX_UNITS_BOOKED = 2 * MAX_UNITS;
export const MAX_LINKS_BOOKED = 2 * MAX_UNIT_LINKS;
/** Units and links that one booking is for. */
export const MAX_BOOKED = MAX_UNITS_BOOKED + MAX_LINKS_BOOKED;

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
  bytesPerSec: z.number().nonnegative().max(MOST_FLOW),
  /** The whole path may take at most this long; undefined: no bound. */
  maxLatencyMs: amount.optional(),
});
export type UnitLink = z.infer<typeof UnitLinkSchema>;

/** A service as placement sees it, units that are to go afterwards among them. */
export const ServiceGraphSchema = z.strictObject({
  service: id,
  units: z.array(UnitSchema).min(1).max(MAX_UNITS_BOOKED),
  links: z.array(UnitLinkSchema).max(MAX_LINKS_BOOKED),
  /** No two units of the service on one host (the rule of Virne's benchmark). */
  spread: z.boolean().default(false),
});
export type ServiceGraph = z.infer<typeof ServiceGraphSchema>;

/** Where a unit runs, and along which links (ids, from the first end to the second) each unit link goes. */
export const PlacementSchema = z.strictObject({
  service: id,
  units: z
    .array(z.strictObject({ unit: id, host: NodeNameSchema, site: NodeNameSchema }))
    .max(MAX_UNITS_BOOKED),
  links: z.array(z.strictObject({ link: id, path: z.array(NodeNameSchema).max(1000) })).max(MAX_LINKS_BOOKED),
});
export type Placement = z.infer<typeof PlacementSchema>;
