import { z } from 'zod';
import { NodeNameSchema } from './ids.ts';
import { RunIdSchema } from './run-view.ts';
import { IdentifierSchema } from './sol005/common.ts';

const ms = z.number();
const ratePerSec = z.number().nonnegative();
const words = z.string().max(2000);

/** What is changed in the fork of a network, and in no other. */
export const WhatIfChangeSchema = z.discriminatedUnion('kind', [
  /** All hosts of the site and its agents fall silent. */
  z.strictObject({ kind: z.literal('lose-site'), site: NodeNameSchema }),
  /** So many times as many people, and as much load. */
  z.strictObject({
    kind: z.literal('more-users'),
    /** A service, by id or name, or a group of users of the scenario that is up; absent: all. */
    of: IdentifierSchema.optional(),
    factor: z.number().gt(1).max(20).default(2),
  }),
  /** A SYN flood. */
  z.strictObject({
    kind: z.literal('attack'),
    /** A service, by id or name, or a server of the scenario that is up. */
    target: IdentifierSchema,
    sources: z.int().min(1).max(100).default(3),
    /** SYN/s of each source. */
    ratePps: z.int().min(1).max(5000).default(2000),
  }),
]);
export type WhatIfChange = z.infer<typeof WhatIfChangeSchema>;

/** Of the API: what is asked for. */
export const WhatIfOrderSchema = z.strictObject({
  change: WhatIfChangeSchema,
  /** How far ahead both forks are run, s of their own time. */
  seconds: z.int().min(10).max(300).default(60),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
});
export type WhatIfOrder = z.infer<typeof WhatIfOrderSchema>;

const PlaceSchema = z.strictObject({
  unit: z.string(),
  host: z.string().nullable(),
  site: z.string().nullable(),
  state: z.enum(['ordered', 'running', 'failed', 'stopping']),
});

/** How one service, or one group of users, fared in one of the two runs. */
export const OutcomeSchema = z.strictObject({
  /** At the end; of a scenario without services: none. */
  units: z.array(PlaceSchema),
  /** Whether at the end all of it runs, and its chains lead through; null: it has no units. */
  served: z.boolean().nullable(),
  /** For how long it was not, from the change on. */
  brokenMs: ms,
  /** From the change until it was whole for good; null: it never broke, or was not whole again. */
  wholeAfterMs: ms.nullable(),
  /** Of people, bytes/s that came in time: after the change. */
  goodput: ratePerSec,
  requestsInTime: z.int(),
  requestsLate: z.int(),
  /** Mean time from a request to its whole answer, ms; null: none was answered. */
  answerMs: ms.nullable(),
});
export type Outcome = z.infer<typeof OutcomeSchema>;

const AttackOutcomeSchema = z.strictObject({
  startMs: ms.nullable(),
  sources: z.array(z.string()),
  detectedMs: ms.nullable(),
  firstLimitMs: ms.nullable(),
  allSourcesBlockedMs: ms.nullable(),
  blockedSources: z.array(z.string()),
  blockedWrongly: z.int(),
});

/** What came of it, beside what came of no change: times in ms from the moment of the fork. */
export const WhatIfResultSchema = z.strictObject({
  changeAtMs: ms,
  durationMs: ms,
  /** Recorded as runs of scenarios are: every view of the console shows them. */
  runs: z.strictObject({ unchanged: RunIdSchema, changed: RunIdSchema }),
  /** What the forks have of the live network. */
  taken: z.array(words).max(50),
  /** What nobody knew and was assumed. */
  assumed: z.array(words).max(50),
  services: z.array(
    z.strictObject({
      name: z.string(),
      before: z.array(PlaceSchema),
      unchanged: OutcomeSchema,
      changed: OutcomeSchema,
      /** Units that are elsewhere than without the change, by the function that they are of. */
      moved: z.array(
        z.strictObject({ of: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
      ),
    }),
  ),
  /** Processors that are booked. */
  hosts: z.array(
    z.strictObject({
      name: z.string(),
      site: z.string(),
      total: z.number(),
      before: z.number(),
      unchanged: z.number(),
      changed: z.number(),
    }),
  ),
  /** Bytes/s that are booked. */
  links: z.array(
    z.strictObject({
      id: z.string(),
      ends: z.tuple([z.string(), z.string()]),
      total: z.number(),
      before: z.number(),
      unchanged: z.number(),
      changed: z.number(),
    }),
  ),
  /** Goodput of all people, bytes/s, in periods that end at `tMs`. */
  series: z.array(z.strictObject({ tMs: ms, unchanged: ratePerSec, changed: ratePerSec })).max(2000),
  /** Of the changed run; null: nobody was attacked. */
  attack: AttackOutcomeSchema.nullable(),
  /** Operations that Muster began by itself in the changed run, and not in the other. */
  operations: z
    .array(z.strictObject({ service: z.string(), change: z.string(), state: z.string(), reason: words }))
    .max(200),
});
export type WhatIfResult = z.infer<typeof WhatIfResultSchema>;

/** What can be done about it in the live network, as far as it can. */
export const WhatIfRemedySchema = z.strictObject({
  possible: z.boolean(),
  /** One sentence for each thing that would be done, or why nothing can be. */
  says: z.array(words).max(200),
});
export type WhatIfRemedy = z.infer<typeof WhatIfRemedySchema>;

/** Of the API: a what-if. Its id is the name of the changed run. */
export const WhatIfViewSchema = z.strictObject({
  id: RunIdSchema,
  order: WhatIfOrderSchema,
  state: z.enum(['running', 'done', 'failed', 'stopped']),
  /** ms since 1970 at which the network was forked. */
  atMs: ms,
  /** Who asked. */
  by: z.string(),
  /** How much of both runs is over: 0 to 1. */
  progress: z.number().min(0).max(1),
  /** What it does, or why it has failed. */
  note: words,
  result: WhatIfResultSchema.nullable(),
});
export type WhatIfView = z.infer<typeof WhatIfViewSchema>;

/** What was begun in the live network. */
export const WhatIfAppliedSchema = z.strictObject({
  applied: z.array(z.strictObject({ service: z.string(), operation: z.string().nullable(), change: words })),
});
export type WhatIfApplied = z.infer<typeof WhatIfAppliedSchema>;
