import type { AgentKey, Evidence, Hex } from '../../protocol/ledger.ts';

/** IAttestationLedger.Status. */
export type AgentStatus = 'none' | 'admitted' | 'registered' | 'attested' | 'suspended' | 'revoked';

/** IAttestationLedger.Phase. */
export type RoundPhase = 'challenged' | 'committed' | 'passed' | 'failed' | 'expired';

export interface GuardState {
  readonly guard: Hex;
  readonly site: Hex;
  readonly siteName: string;
  readonly enrolled: boolean;
}

export interface AgentState {
  readonly agent: AgentKey;
  readonly name: string;
  readonly guard: Hex;
  readonly status: AgentStatus;
  readonly incarnation: number;
  readonly version: number;
  readonly imageDigest: Hex;
  readonly referenceCommitment: Hex;
  readonly challengesRoot: Hex;
  /** How many challenges there are under the root. */
  readonly challenges: number;
  /** Index of the challenge that comes next. */
  readonly nextChallenge: number;
  /** Rounds missed in a row. */
  readonly misses: number;
  /** End of the validity of its last passed round, s of the chain, whatever its status; 0: none of this incarnation. */
  readonly validUntil: number;
  /** When its last round was opened, s of the chain; 0: never. */
  readonly lastOpened: number;
  /** The round under way; 0: none. */
  readonly round: number;
  /** Its last rounds, the newest last. */
  readonly lastRounds: readonly number[];
  /** Of its last round that was passed; zero: none. */
  readonly kemKey: Hex;
  readonly frameKey: Hex;
  readonly verifiedBy: AgentKey;
  /** Why it was suspended, revoked or withdrawn; empty: it was not. */
  readonly reason: string;
}

export interface VerdictState {
  /** Zero: the registry. */
  readonly verifier: AgentKey;
  readonly matches: boolean;
  readonly pass: boolean;
  readonly answer: Hex;
  readonly appraisalHash: Hex;
}

export interface RoundState {
  readonly round: number;
  readonly agent: AgentKey;
  readonly incarnation: number;
  readonly index: number;
  readonly phase: RoundPhase;
  readonly nonce: Hex;
  readonly answerHash: Hex;
  /** Empty: the registry verifies. */
  readonly verifiers: readonly AgentKey[];
  readonly openedAt: number;
  readonly commitBy: number;
  /** 0: not committed yet. */
  readonly verdictBy: number;
  readonly evidence: Evidence | undefined;
  readonly binding: Hex;
  readonly verdicts: readonly VerdictState[];
  readonly arbitrated: boolean;
  /** Why it failed. */
  readonly reason: string;
}

export interface EpochState {
  readonly epoch: number;
  readonly setVersion: number;
  readonly rosterHash: Hex;
  readonly steward: AgentKey;
  /** s of the chain. */
  readonly openedAt: number;
  /** Agents with an envelope, in the order of the roster. */
  readonly members: readonly AgentKey[];
  readonly acknowledged: readonly AgentKey[];
}

/** Everything that the events of a pipeline say together. */
export interface LedgerState {
  /** The last entry that is in it; undefined: none yet. */
  readonly at: { readonly number: number; readonly hash: Hex; readonly logIndex: number } | undefined;
  /** Time of that block, s of the chain. */
  readonly timestamp: number;
  readonly guards: ReadonlyMap<Hex, GuardState>;
  readonly agents: ReadonlyMap<AgentKey, AgentState>;
  /** Those under way, and the newest that have ended. */
  readonly rounds: ReadonlyMap<number, RoundState>;
  readonly plan: readonly AgentKey[];
  /** Zero: none. */
  readonly rootOfTrust: AgentKey;
  /** Version of the attested set. */
  readonly setVersion: number;
  /** The newest epochs, by number. */
  readonly epochs: ReadonlyMap<number, EpochState>;
}
