import type { AgentKey, Evidence, Hex, LedgerBlock, LedgerEvent } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';

export type AgentStatus = 'admitted' | 'registered' | 'attested' | 'suspended' | 'revoked' | 'withdrawn';

export interface LedgerAgent {
  readonly key: AgentKey;
  readonly name: string;
  readonly guard: Hex;
  readonly status: AgentStatus;
  readonly incarnation: number;
  readonly version: number;
  readonly imageDigest: Hex;
  readonly referenceCommitment: Hex;
  readonly kemKey: Hex;
  readonly frameKey: Hex;
  /** Chain's seconds; 0: never attested. */
  readonly validUntil: number;
  /** The round under way; 0: none. */
  readonly round: number;
  readonly lastOpenedAt: number;
  /** Why it lost its trust, if it did. */
  readonly reason: string;
}

export interface LedgerRound {
  readonly round: number;
  readonly agent: AgentKey;
  readonly incarnation: number;
  readonly phase: 'challenged' | 'committed' | 'passed' | 'failed' | 'expired';
  readonly nonce: Hex;
  readonly answerHash: Hex;
  /** Empty: the registry verifies. */
  readonly verifiers: readonly AgentKey[];
  readonly openedAt: number;
  readonly deadline: number;
  readonly evidence: Evidence | undefined;
  readonly binding: Hex;
}

export interface LedgerEpoch {
  readonly epoch: number;
  readonly setVersion: number;
  readonly rosterHash: Hex;
  readonly steward: AgentKey;
  readonly envelopes: ReadonlyMap<AgentKey, Hex>;
  readonly acknowledged: ReadonlySet<AgentKey>;
}

/** What the final blocks of a pipeline amount to. */
export interface LedgerState {
  /** Number and hash of the last block applied. */
  readonly block: number;
  readonly blockHash: Hex;
  readonly timestamp: number;
  readonly guards: ReadonlyMap<Hex, string>;
  readonly agents: ReadonlyMap<AgentKey, LedgerAgent>;
  /** Rounds under way, and the last ended one of each agent. */
  readonly rounds: ReadonlyMap<number, LedgerRound>;
  readonly plan: readonly AgentKey[];
  readonly rootOfTrust: AgentKey;
  readonly setVersion: number;
  readonly setChangedAt: number;
  readonly epoch: LedgerEpoch | undefined;
}

export const EMPTY_LEDGER: LedgerState = {
  block: 0,
  blockHash: ZERO,
  timestamp: 0,
  guards: new Map(),
  agents: new Map(),
  rounds: new Map(),
  plan: [],
  rootOfTrust: ZERO,
  setVersion: 0,
  setChangedAt: 0,
  epoch: undefined,
};

/** The state after a block; a block that has been applied before changes nothing. */
export function applyBlock(state: LedgerState, block: LedgerBlock): LedgerState {
  if (block.number <= state.block) return state;
  let next: LedgerState = {
    ...state,
    block: block.number,
    blockHash: block.hash,
    timestamp: block.timestamp,
  };
  for (const { event } of block.entries) next = applyEvent(next, event);
  return next;
}

/** Whether an agent is attested at that time of the chain, s. */
export function isAttestedAt(state: LedgerState, key: AgentKey, seconds: number): boolean {
  const agent = state.agents.get(key);
  return agent?.status === 'attested' && agent.validUntil > seconds && state.guards.has(agent.guard);
}

function applyEvent(state: LedgerState, event: LedgerEvent): LedgerState {
  switch (event.kind) {
    case 'GuardEnrolled':
      return { ...state, guards: new Map(state.guards).set(event.guard, event.siteName) };
    case 'GuardRemoved': {
      const guards = new Map(state.guards);
      guards.delete(event.guard);
      return { ...state, guards };
    }
    case 'AgentAdmitted': {
      const { agent: key, name, guard } = event;
      const was = state.agents.get(key);
      const admitted: LedgerAgent = {
        ...NOBODY,
        incarnation: was?.incarnation ?? 0,
        version: was?.version ?? 0,
        key,
        name,
        guard,
      };
      return withAgent(state, key, () => admitted);
    }
    case 'AgentWithdrawn':
      return withAgent(state, event.agent, (was) => ({
        ...was,
        status: 'withdrawn',
        reason: event.reason,
        round: 0,
      }));
    case 'AgentRegistered': {
      const { agent, incarnation, version, imageDigest, referenceCommitment } = event;
      const given = { incarnation, version, imageDigest, referenceCommitment };
      const fresh = {
        status: 'registered',
        kemKey: ZERO,
        frameKey: ZERO,
        validUntil: 0,
        round: 0,
        reason: '',
      } as const;
      return withAgent(state, agent, (was) => ({ ...was, ...given, ...fresh }));
    }
    case 'PlanSet':
      return { ...state, plan: event.order };
    case 'RoundOpened': {
      const { round, agent, incarnation, nonce, answerHash, verifiers, openedAt, commitBy } = event;
      const last = state.agents.get(agent)?.round ?? 0;
      const rounds = new Map(state.rounds);
      if (last !== 0) rounds.delete(last);
      for (const [id, each] of rounds) if (each.agent === agent) rounds.delete(id);
      rounds.set(round, {
        round,
        agent,
        incarnation,
        phase: 'challenged',
        nonce,
        answerHash,
        verifiers,
        openedAt,
        deadline: commitBy,
        evidence: undefined,
        binding: ZERO,
      });
      return withAgent({ ...state, rounds }, agent, (was) => ({ ...was, round, lastOpenedAt: openedAt }));
    }
    case 'Committed': {
      const { round, evidence, binding, verdictBy } = event;
      return withRound(state, round, (was) => ({
        ...was,
        phase: 'committed',
        evidence,
        binding,
        deadline: verdictBy,
      }));
    }
    case 'RoundPassed': {
      const { round, agent, validUntil, rootOfTrust } = event;
      const evidence = state.rounds.get(round)?.evidence;
      const next = withRound({ ...state, rootOfTrust }, round, (was) => ({ ...was, phase: 'passed' }));
      return withAgent(next, agent, (was) => ({
        ...was,
        status: 'attested',
        validUntil,
        round: 0,
        kemKey: evidence?.kemKey ?? was.kemKey,
        frameKey: evidence?.frameKey ?? was.frameKey,
      }));
    }
    case 'RoundFailed':
      return endRound(state, event.round, event.agent, 'failed');
    case 'RoundExpired': {
      // A verifier's silence does not end the round: a successor or the registry judges it.
      const { round, agent, silent } = event;
      return silent === agent || silent === ZERO ? endRound(state, round, agent, 'expired') : state;
    }
    case 'VerifierReplaced': {
      const { round, silent, successor, verdictBy } = event;
      return withRound(state, round, (was) => ({
        ...was,
        verifiers: was.verifiers
          .map((each) => (each === silent ? successor : each))
          .filter((each) => each !== ZERO),
        deadline: verdictBy,
      }));
    }
    case 'Arbitration':
      return withRound(state, event.round, (was) => ({ ...was, verifiers: [], deadline: event.verdictBy }));
    case 'Suspended':
      return withAgent(state, event.agent, (was) => ({ ...was, status: 'suspended', reason: event.reason }));
    case 'Revoked':
      return withAgent(state, event.agent, (was) => ({
        ...was,
        status: 'revoked',
        reason: event.reason,
        round: 0,
      }));
    case 'ValidityExpired':
      return withAgent(state, event.agent, (was) => ({
        ...was,
        status: 'suspended',
        reason: 'its validity has run out',
      }));
    case 'RootOfTrustMoved':
      return { ...state, rootOfTrust: event.rootOfTrust };
    case 'AttestedSetChanged':
      return { ...state, setVersion: event.version, setChangedAt: state.timestamp };
    case 'EpochOpened': {
      const { epoch, setVersion, rosterHash, steward } = event;
      const opened = {
        epoch,
        setVersion,
        rosterHash,
        steward,
        envelopes: new Map(),
        acknowledged: new Set<AgentKey>(),
      };
      return { ...state, epoch: opened };
    }
    case 'Envelope': {
      if (state.epoch?.epoch !== event.epoch) return state;
      const envelopes = new Map(state.epoch.envelopes).set(event.agent, event.sealedKey);
      return { ...state, epoch: { ...state.epoch, envelopes } };
    }
    case 'Acknowledged': {
      if (state.epoch?.epoch !== event.epoch) return state;
      const acknowledged = new Set(state.epoch.acknowledged).add(event.agent);
      return { ...state, epoch: { ...state.epoch, acknowledged } };
    }
    case 'ChallengesAdded':
    case 'VerdictGiven':
    case 'Anchored':
      return state;
    default:
      event satisfies never;
      return state;
  }
}

const NOBODY: LedgerAgent = {
  key: ZERO,
  name: '',
  guard: ZERO,
  status: 'admitted',
  incarnation: 0,
  version: 0,
  imageDigest: ZERO,
  referenceCommitment: ZERO,
  kemKey: ZERO,
  frameKey: ZERO,
  validUntil: 0,
  round: 0,
  lastOpenedAt: 0,
  reason: '',
};

function withAgent(
  state: LedgerState,
  key: AgentKey,
  change: (was: LedgerAgent) => LedgerAgent,
): LedgerState {
  const was = state.agents.get(key) ?? { ...NOBODY, key };
  return { ...state, agents: new Map(state.agents).set(key, change(was)) };
}

function withRound(
  state: LedgerState,
  round: number,
  change: (was: LedgerRound) => LedgerRound,
): LedgerState {
  const was = state.rounds.get(round);
  return was === undefined ? state : { ...state, rounds: new Map(state.rounds).set(round, change(was)) };
}

function endRound(
  state: LedgerState,
  round: number,
  agent: AgentKey,
  phase: 'failed' | 'expired',
): LedgerState {
  const next = withRound(state, round, (was) => ({ ...was, phase }));
  return withAgent(next, agent, (was) => ({ ...was, round: was.round === round ? 0 : was.round }));
}
