import { z } from 'zod';

const msOrNull = z.number().nullable();
const rateOrNull = z.number().nullable();

export const ReportActionSchema = z.strictObject({
  /** Journal id: `muster why <id>` explains it. */
  id: z.string(),
  tMs: z.number(),
  agent: z.string(),
  kind: z.enum([
    'limit-link',
    'limit-target',
    'limit-flow',
    'block-source',
    'remove-rule',
    'adopt-rules',
    'expire-rule',
  ]),
  /** The link, address or rule that it is about. */
  target: z.string(),
  reason: z.string(),
});
export type ReportAction = z.infer<typeof ReportActionSchema>;

export const ExpectationResultSchema = z.strictObject({
  name: z.string(),
  expected: z.string(),
  measured: z.string(),
  met: z.boolean(),
});
export type ExpectationResult = z.infer<typeof ExpectationResultSchema>;

/** One file of a recording, as it was written. */
export const RecordedFileSchema = z.strictObject({
  lines: z.number().int(),
  /** Of the whole file, in hex. */
  sha256: z.string(),
});
export type RecordedFile = z.infer<typeof RecordedFileSchema>;

/** What a host withheld of its virtual machine's processors: shares of all their time, 0 to 1. */
export const WithheldTimeSchema = z.strictObject({ share: z.number(), worstSecondShare: z.number() });
export type WithheldTime = z.infer<typeof WithheldTimeSchema>;

/** `report.json`: times in ms from the scenario's start, rates in bytes per second; a figure that does not apply is null. */
export const ReportSchema = z.strictObject({
  scenario: z.string(),
  plane: z.enum(['twin', 'linux']),
  seed: z.number().int(),
  defence: z.enum(['on', 'off']),
  durationMs: z.number(),
  /** sha256 of the recording: equal for equal seeds on the twin, equal to that of its replay everywhere. */
  traceHash: z.string().nullable(),
  /** What was written beside this report; null: nothing was. */
  recorded: z.strictObject({ journal: RecordedFileSchema, inputs: RecordedFileSchema }).nullable(),
  /** ACL messages sent by all agents. */
  messages: z.number(),
  auctions: z.number(),
  attack: z.strictObject({
    startMs: msOrNull,
    endMs: msOrNull,
    targets: z.array(z.string()),
    sources: z.array(z.string()),
  }),
  mitigation: z.strictObject({
    /** First belief, after the attack's first packet, among the reasons of the first rule against it. */
    detectedMs: msOrNull,
    firstLinkLimitMs: msOrNull,
    firstTargetLimitMs: msOrNull,
    allSourcesBlockedMs: msOrNull,
    blockedSources: z.array(z.string()),
    falsePositives: z.number(),
    /** Attackers never blocked; null with the defence off or without an attack. */
    falseNegatives: z.number().nullable(),
  }),
  legitimate: z.strictObject({
    goodputBefore: rateOrNull,
    goodputDuring: rateOrNull,
    goodputLimited: rateOrNull,
    goodputAfter: rateOrNull,
    users: z.number(),
    requestsInTime: z.number(),
    requestsLate: z.number(),
  }),
  traffic: z.strictObject({
    periodMs: z.number(),
    series: z.array(
      z.strictObject({
        tMs: z.number(),
        link: z.string(),
        /** Delivered over the link. */
        total: z.number(),
        legitimate: z.number(),
        attackOffered: z.number(),
        attackDelivered: z.number(),
        /** Body bytes per second received by users in requests that ended in time in this period. */
        goodput: z.number(),
      }),
    ),
  }),
  actions: z.array(ReportActionSchema),
  /** Messages sent and received by each agent. */
  agents: z.array(
    z.strictObject({ agent: z.string(), sent: z.number(), received: z.number(), roles: z.array(z.string()) }),
  ),
  expectations: z.array(ExpectationResultSchema),
  /** While it ran; absent where time is virtual, and where the system does not tell. */
  withheld: WithheldTimeSchema.optional(),
});
export type Report = z.infer<typeof ReportSchema>;
