import { z } from 'zod';
import { AgentIdSchema, NodeNameSchema } from './ids.ts';
import { PlacementSchema, ServiceGraphSchema } from './service-graph.ts';

/** A booking and the agents whose books have it. */
export const KeptBookingSchema = z.strictObject({
  booking: z.string().min(1).max(160),
  owners: z.array(AgentIdSchema).max(1000),
  /** Units and links of the service that it is for: one that is for none any more is forgotten. */
  for: z.array(z.string().min(1).max(255)).max(2200),
});

/** What the agent that placed a service knows of it: also what `servicePlaced` answers. */
export const PlacedServiceSchema = z.strictObject({
  graph: ServiceGraphSchema,
  placement: PlacementSchema,
  /** More than one after units have been moved. */
  bookings: z.array(KeptBookingSchema).max(1000),
  /** Bandwidth times hops of all links: bytes/s. */
  byteHops: z.number().nonnegative(),
  /** How it came about: rounds and bookings tried, over so many attempts. */
  rounds: z.number().int().nonnegative(),
  attempts: z.number().int().nonnegative(),
});
export type PlacedService = z.infer<typeof PlacedServiceSchema>;

/** What whoever wants a service placed settles beforehand. */
export const WishesSchema = z.strictObject({
  /** Units that are booked already and stay where they are, with the links between them. */
  keep: PlacementSchema.optional(),
  /** Where all of it runs: nothing is bargained for, exactly this is booked. */
  book: PlacementSchema.optional(),
  /** Nothing new goes there. */
  avoidSites: z.array(NodeNameSchema).max(1000).optional(),
});
export type Wishes = z.infer<typeof WishesSchema>;
