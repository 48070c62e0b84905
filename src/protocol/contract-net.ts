import { z } from 'zod';
import type { Json } from './journal.ts';
import { BidPartSchema } from './journal.ts';
import { JsonSchema } from './json.ts';

const args: z.ZodType<{ [key: string]: Json }> = z.record(z.string().max(64), JsonSchema);
const ms = z.number();
const id = z.string().min(1).max(160);

export const AuctionedGoalSchema = z.strictObject({ type: z.string().min(1).max(64), args });
export type AuctionedGoal = z.infer<typeof AuctionedGoalSchema>;

/** Content of a cfp (FIPA SC00029H): the goal, what it needs, and by when it must be done. */
export const CfpSchema = z.strictObject({
  goal: AuctionedGoalSchema,
  demand: z.strictObject({ cpu: z.number().nonnegative(), memoryGb: z.number().nonnegative() }).optional(),
  /** Bids above it are rejected. */
  reservePrice: z.number().nonnegative().optional(),
  completeByMs: ms,
  /** A role: the winner holds the award and renews it within each lease. */
  standing: z.strictObject({ leaseMs: z.number().int().min(50).max(600_000) }).optional(),
  sealed: z.literal('commit-reveal').optional(),
  /** Goals auctioned together, `goal` being the first: proposals then price sets of them, by their numbers. */
  bundle: z.array(AuctionedGoalSchema).min(1).max(12).optional(),
  /** The award that this one takes over from, when its holder has failed. */
  takesOver: id.optional(),
});
export type Cfp = z.infer<typeof CfpSchema>;

/** Content of a propose: the price in [0, 1], of which parts it consists, how long it binds the bidder. */
export const ProposalSchema = z.strictObject({
  price: z.number().nonnegative().max(1e6),
  parts: z.array(BidPartSchema).max(32),
  validUntilMs: ms,
});
export type Proposal = z.infer<typeof ProposalSchema>;

const goalNumbers = z.array(z.number().int().min(0).max(11)).min(1).max(12);
/** Content of a propose to a bundle: of these offers at most one is taken. */
export const BundleProposalSchema = z.strictObject({
  offers: z
    .array(z.strictObject({ goals: goalNumbers, price: z.number().nonnegative().max(1e6) }))
    .min(1)
    .max(256),
  validUntilMs: ms,
});

/** Content of a propose to a sealed auction: a promise of the price, which is told only when all have promised theirs. */
export const CommitmentSchema = z.strictObject({ commitment: z.string().regex(/^[0-9a-f]{64}$/) });
/** Content of the inform that answers the query-ref of a sealed auction: what was promised, and what makes it checkable. */
export const RevealSchema = ProposalSchema.extend({ nonce: z.string().min(16).max(128) });
export type Reveal = z.infer<typeof RevealSchema>;

export const RefusalSchema = z.strictObject({
  reason: z.string().max(500),
  parts: z.array(BidPartSchema).max(32),
});
export const AcceptSchema = z.strictObject({
  award: id,
  takesOver: id.optional(),
  /** Of a bundle: which goals were won. */
  goals: goalNumbers.optional(),
});
export const RejectSchema = z.strictObject({ reason: z.string().max(500) });
export const InformSchema = z.strictObject({ result: JsonSchema });
export const FailureSchema = z.strictObject({ reason: z.string().max(1000) });

/** Standing awards: `renew` from the holder, `confirm` of it from the initiator, `release` by either. */
export const LeaseSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('renew'), award: id, leaseMs: z.number() }),
  z.strictObject({ kind: z.literal('confirmed'), award: id }),
  z.strictObject({ kind: z.literal('release'), award: id, reason: z.string().max(500) }),
]);
export type LeaseContent = z.infer<typeof LeaseSchema>;
