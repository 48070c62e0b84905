/**
 * What the contracts of a pipeline are asked and what they tell, as plain data (contracts/src/I*.sol describe each). Hashes,
 * keys and ids are `0x` and hexadecimal; times are seconds of the chain.
 */
export type Hex = `0x${string}`;

/** keccak256 of an agent's name; zero stands for the registry. */
export type AgentKey = Hex;

export const ZERO: Hex = `0x${'0'.repeat(64)}`;
/** In place of the hash of an appraisal, of a verifier that does not pass: it cannot tell, the registry is to. */
export const ABSTAINS = ZERO;

/** What a guard states with a commit (IAttestationLedger.Evidence). */
export interface Evidence {
  readonly bootId: Hex;
  readonly pid: number;
  readonly startTime: number;
  readonly incarnation: number;
  readonly decisionHead: Hex;
  readonly kemKey: Hex;
  readonly frameKey: Hex;
  readonly quoteHash: Hex;
}

/** Deadlines and validity that a ledger is deployed with, s. */
export interface Timing {
  readonly commitWithin: number;
  readonly verdictWithin: number;
  readonly validity: number;
  readonly period: number;
  readonly stewardWithin: number;
}

/** A transaction: one function of a contract, by its name there. */
export type LedgerCall =
  | { readonly kind: 'enrolGuard'; readonly guard: Hex; readonly site: Hex; readonly siteName: string }
  | { readonly kind: 'removeGuard'; readonly guard: Hex }
  | { readonly kind: 'admitAgent'; readonly name: string; readonly guard: Hex }
  | { readonly kind: 'withdrawAgent'; readonly agent: AgentKey; readonly reason: string }
  | { readonly kind: 'setPlan'; readonly order: readonly AgentKey[] }
  | {
      readonly kind: 'registerIncarnation';
      readonly agent: AgentKey;
      readonly incarnation: number;
      readonly version: number;
      readonly imageDigest: Hex;
      readonly referenceCommitment: Hex;
      readonly challengesRoot: Hex;
      readonly challenges: number;
    }
  | {
      readonly kind: 'addChallenges';
      readonly agent: AgentKey;
      readonly incarnation: number;
      readonly challengesRoot: Hex;
      readonly challenges: number;
    }
  | {
      readonly kind: 'openRound';
      readonly agent: AgentKey;
      readonly index: number;
      readonly nonce: Hex;
      readonly answerHash: Hex;
      readonly proof: readonly Hex[];
    }
  | {
      readonly kind: 'commit';
      readonly round: number;
      readonly evidence: Evidence;
      readonly binding: Hex;
      readonly reveal: Hex;
      readonly nextDraw: Hex;
    }
  | {
      readonly kind: 'verdict';
      readonly round: number;
      readonly verifier: AgentKey;
      readonly answer: Hex;
      readonly pass: boolean;
      readonly appraisalHash: Hex;
    }
  | { readonly kind: 'expire'; readonly round: number }
  | { readonly kind: 'expireValidity'; readonly agent: AgentKey }
  | { readonly kind: 'tick'; readonly most: number }
  | { readonly kind: 'revoke'; readonly agent: AgentKey; readonly reason: string }
  | { readonly kind: 'suspend'; readonly agent: AgentKey; readonly reason: string }
  | { readonly kind: 'anchor'; readonly batch: Hex; readonly root: Hex; readonly count: number }
  | {
      readonly kind: 'openEpoch';
      readonly epoch: number;
      readonly setVersion: number;
      readonly rosterHash: Hex;
      readonly agents: readonly AgentKey[];
      readonly envelopes: readonly Hex[];
    }
  | { readonly kind: 'acknowledge'; readonly epoch: number; readonly agents: readonly AgentKey[] };

/** An event of a contract, by its name there. */
export type LedgerEvent =
  | { readonly kind: 'GuardEnrolled'; readonly guard: Hex; readonly site: Hex; readonly siteName: string }
  | { readonly kind: 'GuardRemoved'; readonly guard: Hex }
  | { readonly kind: 'AgentAdmitted'; readonly agent: AgentKey; readonly name: string; readonly guard: Hex }
  | { readonly kind: 'AgentWithdrawn'; readonly agent: AgentKey; readonly reason: string }
  | {
      readonly kind: 'AgentRegistered';
      readonly agent: AgentKey;
      readonly incarnation: number;
      readonly version: number;
      readonly imageDigest: Hex;
      readonly referenceCommitment: Hex;
      readonly challengesRoot: Hex;
      readonly challenges: number;
    }
  | {
      readonly kind: 'Succeeded';
      readonly agent: AgentKey;
      readonly seat: AgentKey;
      readonly incarnation: number;
    }
  | {
      readonly kind: 'ChallengesAdded';
      readonly agent: AgentKey;
      readonly incarnation: number;
      readonly challengesRoot: Hex;
      readonly challenges: number;
    }
  | { readonly kind: 'PlanSet'; readonly order: readonly AgentKey[] }
  | {
      readonly kind: 'RoundOpened';
      readonly round: number;
      readonly agent: AgentKey;
      readonly incarnation: number;
      readonly index: number;
      readonly nonce: Hex;
      readonly answerHash: Hex;
      readonly verifiers: readonly AgentKey[];
      readonly openedAt: number;
      readonly commitBy: number;
    }
  | {
      readonly kind: 'Committed';
      readonly round: number;
      readonly agent: AgentKey;
      readonly evidence: Evidence;
      readonly binding: Hex;
      readonly verdictBy: number;
    }
  | {
      readonly kind: 'VerdictGiven';
      readonly round: number;
      readonly agent: AgentKey;
      readonly verifier: AgentKey;
      readonly answer: Hex;
      readonly matches: boolean;
      readonly pass: boolean;
      readonly appraisalHash: Hex;
    }
  | {
      readonly kind: 'RoundPassed';
      readonly round: number;
      readonly agent: AgentKey;
      readonly incarnation: number;
      readonly verifier: AgentKey;
      readonly validUntil: number;
      readonly rootOfTrust: AgentKey;
    }
  | {
      readonly kind: 'RoundFailed';
      readonly round: number;
      readonly agent: AgentKey;
      readonly incarnation: number;
      readonly reason: string;
    }
  | {
      readonly kind: 'RoundExpired';
      readonly round: number;
      readonly agent: AgentKey;
      readonly silent: AgentKey;
    }
  | {
      readonly kind: 'VerifierReplaced';
      readonly round: number;
      readonly silent: AgentKey;
      readonly successor: AgentKey;
      readonly verdictBy: number;
    }
  | { readonly kind: 'Arbitration'; readonly round: number; readonly verdictBy: number }
  | { readonly kind: 'DeadlinesMoved'; readonly bySeconds: number }
  | {
      readonly kind: 'Suspended';
      readonly agent: AgentKey;
      readonly incarnation: number;
      readonly reason: string;
    }
  | {
      readonly kind: 'Revoked';
      readonly agent: AgentKey;
      readonly incarnation: number;
      readonly reason: string;
    }
  | { readonly kind: 'ValidityExpired'; readonly agent: AgentKey; readonly incarnation: number }
  | { readonly kind: 'RootOfTrustMoved'; readonly rootOfTrust: AgentKey }
  | { readonly kind: 'AttestedSetChanged'; readonly version: number }
  | { readonly kind: 'Anchored'; readonly batch: Hex; readonly root: Hex; readonly count: number }
  | {
      readonly kind: 'EpochOpened';
      readonly epoch: number;
      readonly setVersion: number;
      readonly rosterHash: Hex;
      readonly steward: AgentKey;
    }
  | {
      readonly kind: 'Envelope';
      readonly epoch: number;
      readonly agent: AgentKey;
      readonly sealedKey: Hex;
    }
  | { readonly kind: 'Acknowledged'; readonly epoch: number; readonly agent: AgentKey };

/** An event where it stands in the chain: (block hash, log index) names it for ever. */
export interface LedgerEntry {
  readonly logIndex: number;
  readonly transaction: Hex;
  /** Account that sent the transaction. */
  readonly from: Hex;
  readonly event: LedgerEvent;
}

/** A final block with the events of one pipeline's contracts, in order. */
export interface LedgerBlock {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Seconds. */
  readonly timestamp: number;
  readonly entries: readonly LedgerEntry[];
}

/** Where a pipeline's contracts are. */
export interface PipelineAddress {
  readonly chainId: number;
  readonly genesisHash: Hex;
  readonly attestation: Hex;
  readonly keys: Hex;
  /** Block in which they were deployed: nothing before it concerns them. */
  readonly fromBlock: number;
}
