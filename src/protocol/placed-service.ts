import { z } from 'zod';
import { AgentIdSchema, NodeNameSchema } from './ids.ts';
import { MAX_BOOKED, PlacementSchema, ServiceGraphSchema } from './service-graph.ts';

/** A booking and the agents whose books have it. */
export const KeptBookingSchema = z.strictObject({
  booking: z.string().min(1).max(160),
  owners: z.array(AgentIdSchema).max(1000),
  /** Units and links of the service that it is for: one that is for none any more is forgotten. */
  for: z.array(z.string().min(1).max(255)).max(MAX_BOOKED),
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
  /** Where all of it runs: nothing is bargained for, exactly this is booked; of it, beside `keep`, what that has not. */
  book: PlacementSchema.optional(),
  /** Of what is kept: units that go once others have taken their place. These need not keep together with them, or apart. */
  leaving: z.array(z.string().min(1).max(255)).max(200).optional(),
  /** Nothing new goes there. */
  avoidSites: z.array(NodeNameSchema).max(1000).optional(),
});
export type Wishes = z.infer<typeof WishesSchema>;

/** How a placed service is bargained for again. */
export const ImprovementSchema = z.strictObject({
  /** Units that move at most. */
  budget: z.int().min(1).max(1000),
  /** To where they fill what is free, so that a larger piece is free elsewhere; else to where it costs less. */
  makeRoom: z.boolean().default(false),
  /** Part of the cost that each move has to save: what is moved is interrupted, if shortly. */
  saving: z.number().min(0).max(1).default(0.02),
  /** Nothing is booked: it is asked what it would cost if some of these units ran elsewhere. */
  offer: z
    .strictObject({
      /** Each with the sites that it may run on as is wished now; empty: any. */
      movable: z
        .array(z.strictObject({ unit: z.string().min(1).max(255), sites: z.array(NodeNameSchema).max(1000) }))
        .max(200),
      /** Nothing goes there. */
      avoidSites: z.array(NodeNameSchema).max(1000),
    })
    .optional(),
});
export type Improvement = z.input<typeof ImprovementSchema>;
