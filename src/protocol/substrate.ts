import { z } from 'zod';
import { NodeNameSchema } from './ids.ts';

const amount = z.number().nonnegative().max(1e12);

/** A machine of a site that units can run on. */
export const HostSchema = z.strictObject({
  name: NodeNameSchema,
  site: NodeNameSchema,
  vcpus: amount,
  memoryMib: amount,
  storageGb: amount,
  /** What a vCPU costs for an hour, in any one currency; bids prefer the cheaper host when all else is equal. */
  energyPrice: amount.default(0),
});
export type Host = z.infer<typeof HostSchema>;

/** A link between two hosts or switches; its capacity is shared by both directions. */
export const SubstrateLinkSchema = z.strictObject({
  id: NodeNameSchema,
  ends: z.tuple([NodeNameSchema, NodeNameSchema]),
  /** The site whose book says what of it is taken: an inter-site link has one owner too. */
  owner: NodeNameSchema,
  bytesPerSec: amount,
  latencyMs: amount.default(0),
});
export type SubstrateLink = z.infer<typeof SubstrateLinkSchema>;

/** What sites have: nodes are hosts and the switches that links name beside them. A format of ours: unknown keys are refused. */
export const SubstrateSchema = z.strictObject({
  sites: z.array(NodeNameSchema).min(1).max(1000),
  hosts: z.array(HostSchema).min(1).max(20_000),
  links: z.array(SubstrateLinkSchema).max(100_000),
});
export type Substrate = z.infer<typeof SubstrateSchema>;
