import { z } from 'zod';
import { AddressSchema, Hex32Schema, HexSchema } from './agent-control.ts';
import type { LedgerBlock, LedgerEvent, PipelineAddress } from './ledger.ts';
import { PipelineAddressSchema } from './pipeline-file.ts';

const count = z.number().int().nonnegative();
const key = Hex32Schema;
const keys = z.array(key).max(1000);
const text = z.string().max(10_000);
const event = <K extends string, S extends z.ZodRawShape>(kind: K, shape: S) =>
  z.strictObject({ kind: z.literal(kind), ...shape });

const EvidenceSchema = z.strictObject({
  bootId: key,
  pid: count,
  startTime: count,
  incarnation: count,
  decisionHead: key,
  kemKey: key,
  frameKey: key,
  quoteHash: key,
});

/** See `LedgerEvent`. */
export const LedgerEventSchema: z.ZodType<LedgerEvent> = z.discriminatedUnion('kind', [
  event('GuardEnrolled', { guard: AddressSchema, site: key, siteName: text }),
  event('GuardRemoved', { guard: AddressSchema }),
  event('AgentAdmitted', { agent: key, name: text, guard: AddressSchema }),
  event('AgentWithdrawn', { agent: key, reason: text }),
  event('AgentRegistered', {
    agent: key,
    incarnation: count,
    version: count,
    imageDigest: key,
    referenceCommitment: key,
    challengesRoot: key,
    challenges: count,
  }),
  event('Succeeded', { agent: key, seat: key, incarnation: count }),
  event('ChallengesAdded', { agent: key, incarnation: count, challengesRoot: key, challenges: count }),
  event('PlanSet', { order: keys }),
  event('RoundOpened', {
    round: count,
    agent: key,
    incarnation: count,
    index: count,
    nonce: key,
    answerHash: key,
    verifiers: keys,
    openedAt: count,
    commitBy: count,
  }),
  event('Committed', { round: count, agent: key, evidence: EvidenceSchema, binding: key, verdictBy: count }),
  event('VerdictGiven', {
    round: count,
    agent: key,
    verifier: key,
    answer: key,
    matches: z.boolean(),
    pass: z.boolean(),
    appraisalHash: key,
  }),
  event('RoundPassed', {
    round: count,
    agent: key,
    incarnation: count,
    verifier: key,
    validUntil: count,
    rootOfTrust: key,
  }),
  event('RoundFailed', { round: count, agent: key, incarnation: count, reason: text }),
  event('RoundExpired', { round: count, agent: key, silent: key }),
  event('VerifierReplaced', { round: count, silent: key, successor: key, verdictBy: count }),
  event('Arbitration', { round: count, verdictBy: count }),
  event('DeadlinesMoved', { bySeconds: count }),
  event('Suspended', { agent: key, incarnation: count, reason: text }),
  event('Revoked', { agent: key, incarnation: count, reason: text }),
  event('ValidityExpired', { agent: key, incarnation: count }),
  event('RootOfTrustMoved', { rootOfTrust: key }),
  event('AttestedSetChanged', { version: count }),
  event('Anchored', { batch: key, root: key, count }),
  event('EpochOpened', { epoch: count, setVersion: count, rosterHash: key, steward: key }),
  event('Envelope', { epoch: count, agent: key, sealedKey: HexSchema }),
  event('Acknowledged', { epoch: count, agent: key }),
]);

/** See `LedgerBlock`. */
export const LedgerBlockSchema: z.ZodType<LedgerBlock> = z.strictObject({
  number: count,
  hash: Hex32Schema,
  parentHash: Hex32Schema,
  timestamp: count,
  entries: z
    .array(
      z.strictObject({
        logIndex: count,
        transaction: Hex32Schema,
        from: AddressSchema,
        event: LedgerEventSchema,
      }),
    )
    .max(10_000),
});

/** How many blocks are looked through for one answer. */
export const MOST_BLOCKS = 200;

/** A stretch of a pipeline's ledger: the blocks in it that have entries of the pipeline. */
export interface LedgerStretch {
  readonly pipeline: PipelineAddress;
  /** The newest block that there is. */
  readonly head: number;
  /** The first block that was not looked at: whoever reads on begins there. */
  readonly next: number;
  readonly blocks: readonly LedgerBlock[];
}

export const LedgerStretchSchema: z.ZodType<LedgerStretch> = z.strictObject({
  pipeline: PipelineAddressSchema,
  head: count,
  next: count,
  blocks: z.array(LedgerBlockSchema).max(MOST_BLOCKS),
});
