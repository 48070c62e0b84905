import { z } from 'zod';
import { AddressSchema, Hex32Schema, HexSchema } from './agent-control.ts';
import {
  AppraisalSchema,
  DisclosurePartSchema,
  DisclosureWantedSchema,
  OutputsSchema,
  OutputsWantedSchema,
  ReferenceSchema,
} from './decision-disclosure.ts';
import { AgentIdSchema } from './ids.ts';
import { JsonSchema } from './json.ts';
import type { Hex } from './ledger.ts';
import { PeerSiteSchema, SiteAddressSchema, SiteNameSchema as site } from './peer-site.ts';
import { PlatformQuoteSchema, PlatformSchema } from './platform.ts';
import { AgentSpecSchema } from './scenario.ts';
import { SealedShareSchema, SealedSharesSchema, ShareRequestSchema } from './share.ts';
import { AwardWordSchema, OutcomeSchema } from './site-link.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const url = z.string().max(512);
const path = z.string().min(1).max(4096);

export const PipelineAddressSchema = z.strictObject({
  chainId: count,
  genesisHash: Hex32Schema,
  attestation: AddressSchema,
  keys: AddressSchema,
  fromBlock: count,
});

/** What a guard is to start an agent from, and what the registry has decided about it. */
export const SpawnOrderSchema = z.strictObject({
  name: AgentIdSchema,
  key: Hex32Schema,
  incarnation: count,
  /** File of the wrapped image, and which one it has to be: the guard checks its signature, digest and version itself. */
  image: path,
  imageDigest: Hex32Schema,
  version: count,
  /** The very text that the agent is started with: its digest is a part of the reference value. */
  config: z.string().max(1_000_000),
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of the agents' own range: never root, nor somebody who lives on the machine. */
  uid: z.number().int().min(61_000).max(64_999).optional(),
  /** What a program of its own is started with. */
  arguments: z.array(z.string().max(4096)).max(64).optional(),
});
export type SpawnOrder = z.infer<typeof SpawnOrderSchema>;

const pipelineMessage = z.strictObject({
  kind: z.literal('pipeline'),
  url,
  address: PipelineAddressSchema,
  name: z.string().max(256),
  /** Of the sites whose machines the operator has enrolled with their TPM. */
  platforms: z.record(site, PlatformSchema).optional(),
});
const spawn = z.strictObject({ kind: z.literal('spawn'), order: SpawnOrderSchema });
/** Without `incarnation`: all that run under its name. */
const kill = z.strictObject({
  kind: z.literal('kill'),
  agent: AgentIdSchema,
  incarnation: count.optional(),
  reason: z.string().max(400),
});
/** The guard of an agent has ended that incarnation: nobody trusts it any more, whether the ledger is there to say so or not. */
const fallen = z.strictObject({ kind: z.literal('fallen'), agent: AgentIdSchema, incarnation: count });
const clock = z.strictObject({ kind: z.literal('clock'), zeroNs: z.string().regex(/^-?\d{1,20}$/) });
/** A share of a round's answer that a holder has sealed to this guard; `holder`: a site, or the registry. */
const toldShare = z.strictObject({
  kind: z.literal('share'),
  round: count,
  holder: z.string().max(64),
  sealed: SealedShareSchema,
});
/** A holder has told a guard another share than it was dealt. */
const wrongShare = z.strictObject({
  kind: z.literal('wrong-share'),
  round: count,
  holder: z.string().max(64),
});
/** What else a guard needs to judge a round that it has asked for shares of. */
const judgedCase = z.strictObject({
  kind: z.literal('case'),
  round: count,
  reference: ReferenceSchema,
  /** Of the platform of the agent that is judged, where there is one. */
  quote: PlatformQuoteSchema.optional(),
});
const quote = z.strictObject({ kind: z.literal('quote'), round: count, quote: PlatformQuoteSchema });
const sharesWanted = z.strictObject({ kind: z.literal('shares-wanted'), request: ShareRequestSchema });
/** Asks for a signature under what the ledger says up to a block. */
const cosign = z.strictObject({ kind: z.literal('cosign'), number: count });
const cosigned = z.strictObject({
  kind: z.literal('cosigned'),
  number: count,
  hash: Hex32Schema,
  stateHash: Hex32Schema,
  signature: z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]{130}$/.test(value)),
});
const hello = z.strictObject({
  kind: z.literal('guard'),
  account: AddressSchema,
  pid: count,
  sha256: z.string(),
});
/** Who is in the group now, and at which site. */
const agents = z.strictObject({
  kind: z.literal('agents'),
  agents: z.array(AgentSpecSchema).max(2000),
  sites: z.record(AgentIdSchema, site),
});
const started = z.strictObject({
  kind: z.literal('started'),
  agent: AgentIdSchema,
  incarnation: count,
  pid: count,
});
const exited = z.strictObject({
  kind: z.literal('exited'),
  agent: AgentIdSchema,
  incarnation: count,
  reason: z.string().max(4000),
});
const refused = z.strictObject({
  kind: z.literal('refused'),
  agent: z.string().max(64),
  what: z.enum(['hello', 'command', 'frame', 'epoch', 'link']),
  reason: z.string().max(400),
});
/** An incarnation holds a key of the group for the first time. */
const keyed = z.strictObject({ kind: z.literal('keyed'), agent: AgentIdSchema, incarnation: count });
const log = z.strictObject({ kind: z.literal('log'), who: z.string().max(64), text: z.string().max(4000) });

/** From the supervisor to a guard: its orders, with salts in them, pass no site daemon. */
export const ToGuardSchema = z.discriminatedUnion('kind', [
  pipelineMessage,
  spawn,
  kill,
  clock,
  toldShare,
  judgedCase,
  cosign,
  agents,
  fallen,
  DisclosureWantedSchema,
  DisclosurePartSchema,
  OutputsSchema,
]);
export type ToGuard = z.infer<typeof ToGuardSchema>;

/** From a guard to the supervisor. */
export const FromGuardSchema = z.discriminatedUnion('kind', [
  hello,
  sharesWanted,
  wrongShare,
  cosigned,
  quote,
  started,
  exited,
  keyed,
  refused,
  log,
  AppraisalSchema,
  DisclosureWantedSchema,
  DisclosurePartSchema,
  OutputsWantedSchema,
]);
export type FromGuard = z.infer<typeof FromGuardSchema>;

/** From the supervisor to a site daemon. */
export const ToSiteSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('site'),
    site,
    agentSocket: path,
    /** Where it is to listen for the daemons of other sites. */
    listen: SiteAddressSchema,
    /** Which site an agent is at. */
    agents: z.record(AgentIdSchema, site),
  }),
  pipelineMessage,
  /** Shares of the answers of an agent of another site, sealed to this daemon. */
  z.strictObject({
    kind: z.literal('shares'),
    agent: Hex32Schema,
    incarnation: count,
    sealed: SealedSharesSchema,
  }),
  sharesWanted,
  agents,
  fallen,
  OutputsWantedSchema,
  /** Where the daemons of all sites are, and what each is known by: told anew when one has come or is back. */
  z.strictObject({ kind: z.literal('peers'), peers: z.record(site, PeerSiteSchema) }),
  z.strictObject({
    kind: z.literal('percept'),
    agent: AgentIdSchema,
    topic: z.string().max(64),
    subject: z.string().max(160),
    value: JsonSchema,
  }),
  z.strictObject({
    kind: z.literal('goal'),
    agent: AgentIdSchema,
    goal: z.string().max(64),
    args: z.record(z.string(), JsonSchema),
    from: z.string().max(64),
  }),
  z.strictObject({ kind: z.literal('result'), agent: AgentIdSchema, token: count, outcome: OutcomeSchema }),
  /** Whether it is there: it answers `pong`. */
  z.strictObject({ kind: z.literal('ping') }),
]);
export type ToSite = z.infer<typeof ToSiteSchema>;

/** From a site daemon to the supervisor. */
export const FromSiteSchema = z.discriminatedUnion('kind', [
  /** It listens, takes shares that are sealed to this key, and is known to other daemons by `linkKey`. */
  z.strictObject({ kind: z.literal('holder'), pid: count, kemKey: Hex32Schema, linkKey: Hex32Schema }),
  /** A share for the guard with that account. */
  z.strictObject({
    kind: z.literal('share'),
    round: count,
    to: AddressSchema,
    sealed: SealedShareSchema,
  }),
  log,
  /** So many other sites are reached: all that it was told of. */
  z.strictObject({ kind: z.literal('connected'), sites: count }),
  /** The daemon has taken in an incarnation: from now on this one acts, and none before it. */
  z.strictObject({ kind: z.literal('welcomed'), agent: AgentIdSchema, incarnation: count }),
  z.strictObject({
    kind: z.literal('act'),
    agent: AgentIdSchema,
    /** Whose key has signed it. */
    incarnation: count,
    token: count,
    entry: count,
    reason: z.string().max(4000),
    action: z.looseObject({ kind: z.string().max(64) }),
  }),
  z.strictObject({ kind: z.literal('abort'), agent: AgentIdSchema, incarnation: count, token: count }),
  z.strictObject({
    kind: z.literal('award'),
    agent: AgentIdSchema,
    incarnation: count,
    word: AwardWordSchema,
  }),
  z.strictObject({ kind: z.literal('telemetry'), agent: AgentIdSchema, sealed: HexSchema }),
  OutputsSchema,
  refused,
  z.strictObject({ kind: z.literal('pong') }),
]);
export type FromSite = z.infer<typeof FromSiteSchema>;
