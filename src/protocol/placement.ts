import { z } from 'zod';
import { NodeNameSchema } from './ids.ts';
import { BidPartSchema } from './journal.ts';
import {
  DemandSchema,
  MAX_BOOKED,
  MAX_UNITS,
  MAX_UNITS_BOOKED,
  MOST_AMOUNT,
  UnitSchema,
} from './service-graph.ts';

const amount = z.number().nonnegative().max(MOST_AMOUNT);
const id = z.string().min(1).max(255);
/** Id of a booking: the name of who books, a dot, and what is unique among its bookings. */
const booking = z.string().min(1).max(160);
const price = z.number().nonnegative().max(1e18);

/** Chains that one round of bargaining goes on with at most. */
export const MAX_CHAINS = 32;

/** What a site has free, as its book said at that version: a later version counts more. */
export const SiteDigestSchema = z.strictObject({
  site: NodeNameSchema,
  version: z.number().int().nonnegative(),
  /** `[host, vCPUs, memory MiB, storage GB]` */
  hosts: z.array(z.tuple([NodeNameSchema, amount, amount, amount])).max(512),
  /** `[link, bytes/s]` */
  links: z.array(z.tuple([NodeNameSchema, amount])).max(2048),
});
export type SiteDigest = z.infer<typeof SiteDigestSchema>;

/** What there is too little of, and where. */
export const LackSchema = z.strictObject({
  what: z.enum(['vcpus', 'memoryMib', 'storageGb', 'bytesPerSec', 'latencyMs', 'path']),
  where: z.string().max(130),
  wanted: amount,
  free: amount,
});
export type Lack = z.infer<typeof LackSchema>;

/** One unit to be hosted, for one chain: with whom it talks, and what that chain has taken so far. */
export const UnitTaskSchema = z.strictObject({
  chain: z
    .number()
    .int()
    .min(0)
    .max(MAX_CHAINS - 1),
  unit: UnitSchema.pick({ id: true, demand: true, sites: true }),
  /** What must fit where it goes: its demand, and that of all who have to follow it there by affinity. */
  room: DemandSchema,
  /** Of all its links together, also of those to units that are not placed yet. */
  bytesPerSec: amount,
  neighbours: z
    .array(
      z.strictObject({
        link: id,
        host: NodeNameSchema,
        bytesPerSec: amount,
        maxLatencyMs: amount.optional(),
      }),
    )
    .max(2000),
  /** `[link, bytes/s]` and `[host, vCPUs, MiB, GB]` that the chain takes already, booked nowhere yet. */
  takenLinks: z.array(z.tuple([NodeNameSchema, amount])).max(5000),
  takenHosts: z.array(z.tuple([NodeNameSchema, amount, amount, amount])).max(MAX_UNITS),
  /** Where affinity allows it; absent: anywhere. */
  onlyHost: NodeNameSchema.optional(),
  onlySite: NodeNameSchema.optional(),
  /** Where anti-affinity and spread forbid it. */
  notHosts: z.array(NodeNameSchema).max(MAX_UNITS_BOOKED),
  notSites: z.array(NodeNameSchema).max(MAX_UNITS_BOOKED),
});
export type UnitTask = z.infer<typeof UnitTaskSchema>;

/**
 * What scarcity adds to a price, in bytes/s times hops: for a host whose links, or which itself, would be full. `fit`, where room is to be
 * made: for what would be left over at the host.
 */
export const ScarcityWeightsSchema = z.strictObject({ links: price, host: price, fit: price.optional() });
export type ScarcityWeights = z.infer<typeof ScarcityWeightsSchema>;

/** Content of a cfp of one round (FIPA SC00030H, iterated Contract Net): the next unit of every chain. */
export const ChainCfpSchema = z.strictObject({
  service: id,
  round: z.number().int().min(0).max(100_000),
  weights: ScarcityWeightsSchema,
  /** Whether bids shall say what their price is made of: somebody keeps a journal. */
  explain: z.boolean().optional(),
  tasks: z.array(UnitTaskSchema).min(1).max(MAX_CHAINS),
  /** What the initiator has heard from other sites since it last told this one. */
  news: z.array(SiteDigestSchema).max(1000),
});
export type ChainCfp = z.infer<typeof ChainCfpSchema>;

/** A site's offer to host the unit of one chain. `price` is in bytes/s times hops. */
export const UnitBidSchema = z.strictObject({
  chain: z
    .number()
    .int()
    .min(0)
    .max(MAX_CHAINS - 1),
  host: NodeNameSchema,
  price,
  /** vCPUs times the host's energy price: decides between equal prices. */
  energy: price,
  /** Empty where nobody asks for them. */
  parts: z.array(BidPartSchema).max(8),
  /** The way to each neighbour, from this unit's host; none for one on the same host. */
  routes: z.array(z.strictObject({ link: id, path: z.array(NodeNameSchema).max(1000) })).max(2000),
});
export type UnitBid = z.infer<typeof UnitBidSchema>;

export const UnitRefusalSchema = z.strictObject({
  chain: z
    .number()
    .int()
    .min(0)
    .max(MAX_CHAINS - 1),
  reason: z.string().max(300),
  lacks: z.array(LackSchema).max(8),
});
export type UnitRefusal = z.infer<typeof UnitRefusalSchema>;

/** Content of a propose, and of a refuse where `bids` is empty. */
export const ChainAnswerSchema = z.strictObject({
  round: z.number().int().min(0).max(100_000),
  bids: z.array(UnitBidSchema).max(MAX_CHAINS),
  refusals: z.array(UnitRefusalSchema).max(MAX_CHAINS),
  /** Absent: as told before in this conversation. */
  digest: SiteDigestSchema.optional(),
});
export type ChainAnswer = z.infer<typeof ChainAnswerSchema>;

/** What one owner is to keep for a service. `for` names the unit or the link of the service that takes it. */
export const ReservationSchema = z.strictObject({
  hosts: z
    .array(z.strictObject({ for: id, host: NodeNameSchema, demand: DemandSchema }))
    .max(MAX_UNITS_BOOKED),
  links: z.array(z.strictObject({ for: id, link: NodeNameSchema, bytesPerSec: amount })).max(10_000),
});
export type Reservation = z.infer<typeof ReservationSchema>;

/** Content of an accept-proposal (to who hosts) or a request (to who only carries): keep this until it is confirmed. */
export const HoldSchema = z.strictObject({
  booking,
  service: id,
  /** Unless confirmed within it, what is held is free again. */
  leaseMs: z.number().int().min(50).max(600_000),
  reservation: ReservationSchema,
});
export type Hold = z.infer<typeof HoldSchema>;

/** Content of a confirm, and of a cancel, which gives up all of a booking or what is `only` for these. */
export const BookingSchema = z.strictObject({ booking, only: z.array(id).max(MAX_BOOKED).optional() });

/** Content of an inform or a failure about a booking. */
export const BookingAnswerSchema = z.strictObject({
  booking,
  state: z.enum(['held', 'confirmed', 'released', 'refused']),
  reason: z.string().max(500),
  lacks: z.array(LackSchema).max(64),
  digest: SiteDigestSchema,
});
export type BookingAnswer = z.infer<typeof BookingAnswerSchema>;
