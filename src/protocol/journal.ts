import { z } from 'zod';

/** JSON as it is carried in messages and recorded in the journal. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

const id = z.string();
const truth = z.enum(['true', 'false', 'unknown']);

const base = {
  /** `<agent>:<n>`, unique in a run; `muster:<n>` for what the runtime itself records. */
  id,
  tMs: z.number(),
  agent: z.string(),
  /** Ids of the entries that this one follows from: the edges that `why` walks. */
  because: z.array(id),
  /** In words, with the numbers. */
  reason: z.string(),
};

/** One part of a bid's price, so that a chart can stack them. */
export const BidPartSchema = z.strictObject({
  name: z.string(),
  value: z.number(),
  detail: z.string().optional(),
});
export type BidPart = z.infer<typeof BidPartSchema>;

export const JournalBidSchema = z.strictObject({
  bidder: z.string(),
  /** `proposed` without an award yet; `late` came after the deadline; `silent` never came. */
  outcome: z.enum(['won', 'lost', 'refused', 'late', 'silent', 'not-understood', 'invalid', 'proposed']),
  price: z.number().nullable(),
  parts: z.array(BidPartSchema),
  reason: z.string(),
});
export type JournalBid = z.infer<typeof JournalBidSchema>;

/** Steps by which a pipeline of genuine agents comes up: the paper's Figure 2. */
export const WorkflowStepSchema = z.enum([
  'plan',
  'deploy',
  'connect',
  'wrap',
  'register',
  'contracts',
  'credentials',
  'initial-attestation',
  'mutual-plan',
  'verdicts',
  'keys',
  'operation',
]);
export type WorkflowStep = z.infer<typeof WorkflowStepSchema>;

/** The append-only record of events and decisions with their reasons. */
export const JournalEntrySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...base,
    kind: z.literal('measurement'),
    subject: z.string(),
    values: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('belief'),
    belief: z.string(),
    truth,
    was: truth,
    value: z.unknown().optional(),
    source: z.string(),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('goal'),
    goal: z.string(),
    goalId: z.string(),
    status: z.enum([
      'generated',
      'selected',
      'deferred',
      'inhibited',
      'achieved',
      'failed',
      'impossible',
      'expired',
      'dropped',
    ]),
    priority: z.number(),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('plan'),
    goalId: z.string(),
    intention: z.string(),
    chosen: z.string().nullable(),
    candidates: z.array(
      z.strictObject({
        plan: z.string(),
        applicable: z.boolean(),
        cost: z.number().nullable(),
        why: z.string(),
      }),
    ),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('intention'),
    intention: z.string(),
    plan: z.string(),
    step: z.string(),
    status: z.enum(['step', 'waiting', 'preempted', 'resumed', 'failed', 'done', 'aborted', 'retrying']),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('message'),
    direction: z.enum(['sent', 'received', 'dropped', 'refused']),
    performative: z.string(),
    conversation: z.string(),
    peer: z.string(),
    content: z.unknown(),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('auction'),
    auction: z.string(),
    goal: z.string(),
    /** `opened` first; then exactly one terminal: awarded-and-completed `completed`, `no-bid`, `failed`, `cancelled`. `awarded` may come in between, more than once. */
    status: z.enum(['opened', 'awarded', 'completed', 'no-bid', 'failed', 'cancelled']),
    participants: z.array(z.string()),
    bids: z.array(JournalBidSchema),
    winner: z.string().nullable(),
    reserve: z.number().nullable(),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('bid'),
    auction: z.string(),
    goal: z.string(),
    verdict: z.enum(['propose', 'refuse']),
    price: z.number().nullable(),
    parts: z.array(BidPartSchema),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('award'),
    award: z.string(),
    goal: z.string(),
    status: z.enum(['granted', 'accepted', 'released', 'lapsed', 'moved', 'orphaned']),
    holder: z.string(),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('capability'),
    capability: z.string(),
    status: z.enum(['activated', 'deactivated']),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('action'),
    action: z.string(),
    target: z.string(),
    rule: z.string().nullable(),
    status: z.enum(['requested', 'done', 'failed', 'expired']),
    detail: z.record(z.string(), z.unknown()),
  }),
  /** An event of the ledger, by its name in the contracts. */
  z.strictObject({
    ...base,
    kind: z.literal('ledger'),
    event: z.string(),
    subject: z.string(),
    block: z.number(),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('phase'),
    phase: z.string(),
    /** Of a step of the workflow that is done: which. */
    step: WorkflowStepSchema.optional(),
    /** How long it took, of a step and of what an upgrade has done. */
    durationMs: z.number().optional(),
  }),
  /** Something that was asked for over the API, by the name of the token that it was asked with. */
  z.strictObject({
    ...base,
    kind: z.literal('request'),
    caller: z.string(),
    /** Method and path. */
    request: z.string(),
    /** HTTP status that was answered. */
    status: z.int(),
    /** What was begun or made: the path that the answer names. */
    location: z.string().nullable(),
  }),
  /** What is done to a service: that it has begun, that a step of it has ended, that its state is another. */
  z.strictObject({
    ...base,
    kind: z.literal('operation'),
    operation: z.string(),
    /** `instantiate`, `scale`, `heal`, ... */
    change: z.string(),
    /** Id of the service, and its name. */
    service: z.string(),
    name: z.string(),
    /** `OperationState`. */
    state: z.string(),
    /** The step that has ended; null: none. */
    step: z.string().nullable(),
    /** What the service consists of once it is over, as placement names them. */
    units: z.array(z.string()),
  }),
  /** What a service that runs would cost if units of it ran elsewhere: bandwidth times hops of all links, bytes/s. */
  z.strictObject({
    ...base,
    kind: z.literal('offer'),
    /** Id of the service, and its name. */
    service: z.string(),
    name: z.string(),
    now: z.number(),
    after: z.number(),
    /** Units that would move; none: it does not pay. */
    units: z.array(z.string()),
  }),
  z.strictObject({ ...base, kind: z.literal('fault'), fault: z.string(), subject: z.string() }),
]);
export type JournalEntry = z.infer<typeof JournalEntrySchema>;
export type JournalKind = JournalEntry['kind'];
