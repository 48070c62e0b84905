import { z } from 'zod';
import { AgentIdSchema, NodeNameSchema } from './ids.ts';

const ms = z.number().int().nonnegative().max(3_600_000);
const bytesPerSec = z.number().int().positive().max(12_500_000_000);
const label = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens');

export const CAPABILITY_NAMES = [
  'link-monitor',
  'rate-limiter',
  'anomaly-detection',
  'classifier',
  'web-server',
] as const;
export const CapabilityNameSchema = z.enum(CAPABILITY_NAMES);
export type CapabilityName = z.infer<typeof CapabilityNameSchema>;

const TrunkSchema = z.strictObject({
  from: NodeNameSchema,
  to: NodeNameSchema,
  /** In the direction from -> to; a link with a capacity can be monitored and limited. Absent: not a bottleneck. */
  capacityBytesPerSec: bytesPerSec.optional(),
  queueBytes: z.number().int().min(3000).max(10_000_000).default(32_768),
});

const HostSchema = z.strictObject({
  name: NodeNameSchema,
  switch: NodeNameSchema,
  /** Where it stands; one site daemon and one guard look after each site. Absent: the switch's name. */
  site: label.optional(),
  cpu: z.number().positive().max(1024).describe('processors'),
  memoryGb: z.number().positive().max(65_536).describe('GiB'),
  /** From the switch towards the host. */
  capacityBytesPerSec: bytesPerSec.optional(),
  queueBytes: z.number().int().min(3000).max(10_000_000).default(32_768),
  /** What runs on the host already and is not ours: takes headroom away. */
  background: z
    .strictObject({ cpu: z.number().nonnegative().default(0), memoryGb: z.number().nonnegative().default(0) })
    .default({ cpu: 0, memoryGb: 0 }),
});
export type HostSpec = z.infer<typeof HostSchema>;

export const TopologySchema = z.strictObject({
  switches: z.array(NodeNameSchema).min(1).max(200),
  trunks: z.array(TrunkSchema).max(1000).default([]),
  hosts: z.array(HostSchema).min(1).max(2000),
  /** Where users and attackers come in. */
  accessPoints: z
    .array(z.strictObject({ name: NodeNameSchema, switch: NodeNameSchema }))
    .min(1)
    .max(200),
});
export type Topology = z.infer<typeof TopologySchema>;

const demand = {
  name: label,
  cpu: z.number().positive().max(1024),
  memoryGb: z.number().positive().max(65_536),
};

/** A network function and what it needs; placed by auction before time 0. */
export const FunctionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('web-server'),
    ...demand,
    synCookies: z.boolean().default(true),
    backlog: z.number().int().min(8).max(65_535).default(512),
    pagePort: z.number().int().min(1).max(65_535).default(8000),
    videoPort: z.number().int().min(1).max(65_535).default(8080),
    pageBytes: z.number().int().positive().max(10_000_000).default(20_000),
  }),
  z.strictObject({
    kind: z.literal('link-monitor'),
    ...demand,
    /** The function whose link (from its switch) is watched, or a trunk `from>to`. */
    watch: z.string().max(128),
    thresholdBytesPerSec: bytesPerSec.default(250_000),
  }),
  z.strictObject({
    kind: z.literal('rate-limiter'),
    ...demand,
    linkLimitBytesPerSec: bytesPerSec.default(300_000),
    targetLimitBytesPerSec: bytesPerSec.default(150_000),
    blockTtlMs: ms.min(1000).default(60_000),
  }),
  z.strictObject({ kind: z.literal('anomaly-detection'), ...demand }),
  z.strictObject({ kind: z.literal('classifier'), ...demand }),
]);
export type FunctionSpec = z.infer<typeof FunctionSchema>;
export type WebServerSpec = Extract<FunctionSpec, { kind: 'web-server' }>;

export const BidModeSchema = z.enum(['headroom', 'ordered', 'literal']);
export type BidMode = z.infer<typeof BidModeSchema>;

/** An agent looks after one host. `capabilities`: what it knows how to do, active or not; auction and orchestrator are always there. */
export const AgentSchema = z.strictObject({
  name: AgentIdSchema,
  host: NodeNameSchema,
  capabilities: z.array(CapabilityNameSchema).default([...CAPABILITY_NAMES]),
  bid: z
    .strictObject({
      mode: BidModeSchema.default('headroom'),
      costWeight: z.number().min(0).max(1).default(0.5),
    })
    .default({ mode: 'headroom', costWeight: 0.5 }),
});

/** An agent of a pipeline. `service`: it looks after the virtual links of that one; absent: after those of the network. */
export const AgentSpecSchema = AgentSchema.extend({ service: z.string().min(1).max(255).optional() });
export type AgentSpec = z.infer<typeof AgentSpecSchema>;

const group = {
  name: label,
  count: z.number().int().min(1).max(10_000),
  /** Access points, dealt in turn. */
  at: z.array(NodeNameSchema).min(1).max(200),
  target: label.describe('name of a web-server function'),
  /** Absent: from before time 0 (warmed up). */
  startMs: ms.optional(),
  stopMs: ms.optional(),
};

/**
 * Legitimate users. One connection a request. A slow answer (over `patienceMs`) is given up and tried again
 * `retries` times, then the user leaves for `awayMs`.
 */
export const UserGroupSchema = z.discriminatedUnion('behaviour', [
  z.strictObject({
    behaviour: z.literal('page'),
    ...group,
    thinkMs: ms
      .min(1)
      .default(500)
      .describe('mean pause between pages, evenly spread over 0.5 to 1.5 times it'),
    patienceMs: ms.default(2000),
    retries: z.number().int().min(0).max(10).default(2),
    awayMs: ms.default(3000),
  }),
  z.strictObject({
    behaviour: z.literal('video'),
    ...group,
    chunkBytes: z.number().int().positive().max(50_000_000).default(50_000),
    chunkMs: ms.min(100).default(1000).describe('play time of a chunk: a new one is asked for each chunkMs'),
  }),
  z.strictObject({
    behaviour: z.literal('upload'),
    ...group,
    uploadBytes: z.number().int().positive().max(50_000_000).default(50_000),
    thinkMs: ms.min(1).default(500),
    patienceMs: ms.default(4000),
  }),
  z.strictObject({
    behaviour: z.literal('rapid'),
    ...group,
    connectionsPerSec: z
      .number()
      .positive()
      .max(500)
      .describe('opens this many short connections a second, each a real request'),
    patienceMs: ms.default(2000),
  }),
]);
export type UserGroup = z.infer<typeof UserGroupSchema>;

/** A SYN flood from sources with addresses of their own, none of which completes a handshake. */
export const AttackSchema = z.strictObject({
  name: label,
  kind: z.literal('syn-flood'),
  at: z.array(NodeNameSchema).min(1).max(200),
  target: label,
  startMs: ms,
  durationMs: ms.min(100),
  /** SYN/s of each source; its length is the number of sources. */
  ratesPps: z.array(z.number().positive().max(5000)).min(1).max(200),
  pulse: z.strictObject({ onMs: ms.min(100), offMs: ms.min(100) }).optional(),
});
export type AttackSpec = z.infer<typeof AttackSchema>;

/** Stops an agent without notice. */
export const FaultSchema = z.strictObject({
  kind: z.literal('stop-agent'),
  /** The holder of the award for this goal type, e.g. `linkRateLimited`. */
  holderOf: z.string().max(64),
  /** `accepted`: between accept-proposal and inform; `standing`: while its standing award runs, `afterMs` after the inform. */
  when: z.enum(['accepted', 'standing']),
  afterMs: ms.default(0),
});
export type FaultSpec = z.infer<typeof FaultSchema>;

const ratio = z.number().min(0).max(2);
/** What the run is expected to show; each is checked against the report and printed. */
export const ExpectSchema = z.strictObject({
  firstLinkLimitWithinMs: ms.optional(),
  firstTargetLimitWithinMs: ms.optional(),
  allSourcesBlockedWithinMs: ms.optional(),
  stepsInOrder: z.boolean().optional(),
  maxFalsePositives: z.number().int().nonnegative().optional(),
  maxFalseNegatives: z.number().int().nonnegative().optional(),
  minGoodputLimitedRatio: ratio.optional(),
  minGoodputAfterRatio: ratio.optional(),
  maxGoodputDuringRatioUndefended: ratio.optional(),
  maxLimitMs: ms.optional(),
  reblockedWithinMs: ms.optional(),
  blockedWithinPulses: z.number().int().positive().optional(),
  awardMovesWithinMs: ms.optional(),
  targets: z.array(label).optional(),
  refusesForHeadroom: z.number().int().nonnegative().optional(),
  activates: CapabilityNameSchema.optional(),
  noOrphanRules: z.boolean().optional(),
});
export type Expectations = z.infer<typeof ExpectSchema>;

export const ScenarioSchema = z.strictObject({
  name: label,
  title: z.string().max(200),
  description: z.string().max(4000).default(''),
  durationMs: ms.min(1000),
  /** Users run this long before time 0. */
  warmupMs: ms.default(3000),
  topology: TopologySchema,
  functions: z.array(FunctionSchema).min(1).max(200),
  /** Absent: one agent a host, named a1, a2, ... in the hosts' order, able to do everything. */
  agents: z.array(AgentSchema).max(2000).optional(),
  users: z.array(UserGroupSchema).max(100).default([]),
  attacks: z.array(AttackSchema).max(50).default([]),
  faults: z.array(FaultSchema).max(20).default([]),
  expect: ExpectSchema.default({}),
});
/** A scenario as the program uses it, defaults filled in. */
export type Scenario = z.infer<typeof ScenarioSchema>;

/** A scenario as runs have it: one that stands for sites alone has no functions, and agents may be those of services. */
export const RecordedScenarioSchema = ScenarioSchema.extend({
  functions: z.array(FunctionSchema).max(200),
  agents: z.array(AgentSpecSchema).max(2000).optional(),
});
