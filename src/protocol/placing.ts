import { z } from 'zod';
import { AgentIdSchema, NodeNameSchema } from './ids.ts';
import { ImprovementSchema, PlacedServiceSchema, WishesSchema } from './placed-service.ts';
import { ReservationSchema } from './placement.ts';
import { ServiceGraphSchema } from './service-graph.ts';
import { SubstrateSchema } from './substrate.ts';

/** A substrate, as JSON: every agent that places services is started with it, within what a guard's order may hold. */
export const MAX_SUBSTRATE_CHARS = 600_000;
/** What is asked of such an agent, and what it answers, as JSON: within what its daemon carries. */
export const MAX_WISH_CHARS = 400_000;
/** Services whose bookings one wish settles at most. */
export const MAX_SETTLED = 200;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const ms = z.number().int().min(1).max(600_000);
const service = z.string().min(1).max(255);

/** How services are bargained for: `ChainTerms`. */
const ChainTermsSchema = z.strictObject({
  starts: z.number().int().min(1).max(32).optional(),
  improvements: z.number().int().min(0).max(100),
  replyWithinMs: ms,
  tries: z.number().int().min(1).max(100),
  leaseMs: ms.min(50),
  attempts: z.number().int().min(1).max(100),
  backoffMs: ms,
  concurrent: z.number().int().min(1).max(1000),
});

/** What an agent that keeps the book of a site, and places services, is started with. */
export const PlacingSchema = z.strictObject({
  substrate: SubstrateSchema,
  terms: ChainTermsSchema,
  /** Who keeps the book of which site. */
  books: z
    .array(z.strictObject({ site: NodeNameSchema, agent: AgentIdSchema }))
    .min(1)
    .max(1000),
});
export type Placing = z.infer<typeof PlacingSchema>;

/** For one service, what the book of a site is to keep for good, and for whom: `null`, nothing. */
export const SettledSchema = z.strictObject({
  service,
  /** Who looks after the service now, and alone may book for it. */
  by: AgentIdSchema,
  kept: z.strictObject({ booking: z.string().min(1).max(160), reservation: ReservationSchema }).nullable(),
});
export type Settled = z.infer<typeof SettledSchema>;

/** `placed`: what of the service is booked by now, as far as whoever asks knows. */
const placed = PlacedServiceSchema.nullable();

/** What an operator wishes of an agent that places services. Each is answered by an action with its number. */
export const PlacingWishSchema = z.discriminatedUnion('what', [
  z.strictObject({
    what: z.literal('place'),
    service,
    graph: ServiceGraphSchema,
    wishes: WishesSchema.optional(),
    placed,
  }),
  z.strictObject({ what: z.literal('withdraw'), service, placed }),
  z.strictObject({
    what: z.literal('improve'),
    service,
    improvement: ImprovementSchema,
    placed,
  }),
  /** Its book; `open`: that was all, from now on it bids. */
  z.strictObject({
    what: z.literal('settle'),
    settled: z.array(SettledSchema).max(MAX_SETTLED),
    open: z.boolean(),
  }),
  /** Sites that nobody can reach now: what is being bargained for does not wait for them. */
  z.strictObject({ what: z.literal('go-on-without'), sites: z.array(NodeNameSchema).min(1).max(1000) }),
]);
export type PlacingWish = z.infer<typeof PlacingWishSchema>;

/** The action by which an agent answers a wish. */
export const PlacingAnswerSchema = z.discriminatedUnion('ok', [
  z.strictObject({
    kind: z.literal('placing-answer'),
    wish: count,
    /** Which service it was about; none: about the agent's book. */
    service: z.string().max(255),
    ok: z.literal(true),
    /** Of what was placed or moved. */
    placed,
  }),
  z.strictObject({
    kind: z.literal('placing-answer'),
    wish: count,
    service: z.string().max(255),
    ok: z.literal(false),
    error: z.string().max(4000),
  }),
]);
export type PlacingAnswer = z.infer<typeof PlacingAnswerSchema>;
