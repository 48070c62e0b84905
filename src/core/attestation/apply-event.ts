import type { AgentKey, Hex, LedgerEvent } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { AgentState, EpochState, LedgerState, RoundState } from './ledger-model.ts';
import { seatBeside } from './seat.ts';

/** How much of the past is kept: rounds that have ended, rounds of one agent, epochs. */
const ENDED_ROUNDS = 256;
const ROUNDS_OF_AGENT = 8;
const EPOCHS = 16;

/** The state after one more event, with the time of its block in it already. Events about what is not known change nothing: the contract lets none happen. */
export function applyEvent(state: LedgerState, event: LedgerEvent): LedgerState {
  switch (event.kind) {
    case 'GuardEnrolled': {
      const { guard, site, siteName } = event;
      return { ...state, guards: put(state.guards, guard, { guard, site, siteName, enrolled: true }) };
    }
    case 'GuardRemoved': {
      const guard = state.guards.get(event.guard);
      if (guard === undefined) return state;
      return { ...state, guards: put(state.guards, event.guard, { ...guard, enrolled: false }) };
    }
    case 'AgentAdmitted': {
      // Incarnations and versions count on, also over a withdrawal.
      const { agent, name, guard } = event;
      const before = state.agents.get(agent) ?? UNKNOWN_AGENT;
      return setAgent(state, { ...before, agent, name, guard, status: 'admitted', reason: '' });
    }
    case 'AgentWithdrawn':
      return endValidity(state, event.agent, 'none', event.reason);
    case 'AgentRegistered': {
      const { kind: _, agent, challengesRoot, challenges, ...image } = event;
      return changeAgent(seated(state, agent), agent, ({ name, guard, isSuccessor, lastRounds }) => ({
        ...UNKNOWN_AGENT,
        agent,
        name,
        guard,
        isSuccessor,
        lastRounds,
        status: 'registered',
        ...image,
        challengesRoot,
        challenges,
      }));
    }
    case 'Succeeded':
      return succeed(state, event);
    case 'ChallengesAdded':
      return changeAgent(state, event.agent, (agent) => ({
        ...agent,
        challengesRoot: event.challengesRoot,
        challenges: event.challenges,
      }));
    case 'PlanSet':
      return { ...state, plan: event.order };
    case 'RoundOpened':
      return openRound(state, event);
    case 'Committed': {
      const { evidence, binding, verdictBy } = event;
      return changeRound(state, event.round, (round) => ({
        ...round,
        phase: 'committed',
        evidence,
        binding,
        verdictBy,
      }));
    }
    case 'VerdictGiven': {
      const { verifier, matches, pass, answer, appraisalHash } = event;
      return changeRound(state, event.round, (round) => ({
        ...round,
        verdicts: [...round.verdicts, { verifier, matches, pass, answer, appraisalHash }],
      }));
    }
    case 'RoundPassed':
      return passRound(state, event);
    case 'RoundFailed':
      return endRound(state, event.round, 'failed', event.reason);
    case 'RoundExpired':
      return expireRound(state, event);
    case 'VerifierReplaced': {
      const { silent, successor, verdictBy } = event;
      return changeRound(state, event.round, (round) => ({
        ...round,
        verdictBy,
        verifiers: round.verifiers.map((each) => (each === silent ? successor : each)),
      }));
    }
    case 'Arbitration': {
      const { verdictBy } = event;
      return changeRound(state, event.round, (round) => ({ ...round, verdictBy, arbitrated: true }));
    }
    case 'DeadlinesMoved':
      return moveDeadlines(state, event.bySeconds);
    case 'Suspended':
      return endValidity(state, event.agent, 'suspended', event.reason);
    case 'Revoked':
      return endValidity(state, event.agent, 'revoked', event.reason);
    case 'ValidityExpired':
      return endValidity(state, event.agent, 'suspended', 'its validity ran out');
    case 'RootOfTrustMoved':
      return { ...state, rootOfTrust: event.rootOfTrust };
    case 'AttestedSetChanged':
      return { ...state, setVersion: event.version };
    case 'Anchored':
      return state;
    case 'EpochOpened': {
      const { epoch, setVersion, rosterHash, steward } = event;
      const openedAt = state.timestamp;
      const opened: EpochState = {
        epoch,
        setVersion,
        rosterHash,
        steward,
        openedAt,
        members: [],
        acknowledged: [],
      };
      return { ...state, epochs: newest(put(state.epochs, epoch, opened), EPOCHS) };
    }
    case 'Envelope':
      return changeEpoch(state, event.epoch, (epoch) => ({
        ...epoch,
        members: [...epoch.members, event.agent],
      }));
    case 'Acknowledged':
      return changeEpoch(state, event.epoch, (epoch) =>
        epoch.acknowledged.includes(event.agent)
          ? epoch
          : { ...epoch, acknowledged: [...epoch.acknowledged, event.agent] },
      );
    default:
      return event satisfies never;
  }
}

const UNKNOWN_AGENT: AgentState = {
  agent: ZERO,
  name: '',
  isSuccessor: false,
  guard: '0x',
  status: 'none',
  incarnation: 0,
  version: 0,
  imageDigest: ZERO,
  referenceCommitment: ZERO,
  challengesRoot: ZERO,
  challenges: 0,
  nextChallenge: 0,
  misses: 0,
  validUntil: 0,
  lastOpened: 0,
  round: 0,
  lastRounds: [],
  kemKey: ZERO,
  frameKey: ZERO,
  verifiedBy: ZERO,
  reason: '',
};

/** Beside a member there is a seat as soon as somebody is registered on it. */
function seated(state: LedgerState, key: AgentKey): LedgerState {
  const member = state.agents.get(key) === undefined ? state.agents.get(seatBeside(key)) : undefined;
  if (member === undefined) return state;
  const { name, guard } = member;
  return setAgent(state, { ...UNKNOWN_AGENT, agent: key, name, guard, isSuccessor: true });
}

/** The successor is the member from here on; that it is attested is told next. */
function succeed(state: LedgerState, { agent: key, seat }: Of<'Succeeded'>): LedgerState {
  const member = state.agents.get(key);
  const successor = state.agents.get(seat);
  if (member === undefined || successor === undefined) return state;
  const agents = put(state.agents, key, {
    ...successor,
    agent: key,
    isSuccessor: false,
    round: 0,
    lastRounds: [...member.lastRounds, ...successor.lastRounds].slice(-ROUNDS_OF_AGENT),
  });
  return { ...state, agents: without(agents, seat) };
}

type Of<Kind extends LedgerEvent['kind']> = Extract<LedgerEvent, { kind: Kind }>;

function openRound(state: LedgerState, event: Of<'RoundOpened'>): LedgerState {
  const { kind: _, ...opened } = event;
  const round: RoundState = {
    ...opened,
    phase: 'challenged',
    verdictBy: 0,
    evidence: undefined,
    binding: ZERO,
    verdicts: [],
    arbitrated: false,
    reason: '',
  };
  return changeAgent({ ...state, rounds: put(state.rounds, round.round, round) }, event.agent, (agent) => ({
    ...agent,
    round: round.round,
    lastOpened: event.openedAt,
    nextChallenge: event.index + 1,
    lastRounds: [...agent.lastRounds, round.round].slice(-ROUNDS_OF_AGENT),
  }));
}

function moveDeadlines(state: LedgerState, by: number): LedgerState {
  const later = (round: RoundState): RoundState => {
    if (round.phase === 'challenged') return { ...round, commitBy: round.commitBy + by };
    return round.phase === 'committed' ? { ...round, verdictBy: round.verdictBy + by } : round;
  };
  return { ...state, rounds: new Map([...state.rounds].map(([number, round]) => [number, later(round)])) };
}

function passRound(state: LedgerState, event: Of<'RoundPassed'>): LedgerState {
  const evidence = state.rounds.get(event.round)?.evidence;
  const ended = endRound({ ...state, rootOfTrust: event.rootOfTrust }, event.round, 'passed', '');
  return changeAgent(ended, event.agent, (agent) => ({
    ...agent,
    status: 'attested',
    validUntil: event.validUntil,
    verifiedBy: event.verifier,
    misses: 0,
    reason: '',
    kemKey: evidence?.kemKey ?? ZERO,
    frameKey: evidence?.frameKey ?? ZERO,
  }));
}

/** A silent verifier is replaced or arbitrated over, and the round goes on; a silent agent or registry ends it. */
function expireRound(state: LedgerState, event: Of<'RoundExpired'>): LedgerState {
  const own = event.silent === event.agent;
  if (!own && event.silent !== ZERO) return state;
  const ended = endRound(
    state,
    event.round,
    'expired',
    own ? 'its agent was silent' : 'the registry was silent',
  );
  if (!own) return ended;
  return changeAgent(ended, event.agent, (agent) => ({ ...agent, misses: agent.misses + 1 }));
}

function endRound(
  state: LedgerState,
  number: number,
  phase: RoundState['phase'],
  reason: string,
): LedgerState {
  const round = state.rounds.get(number);
  if (round === undefined) return state;
  const rounds = withoutOldest(put(state.rounds, number, { ...round, phase, reason }));
  return changeAgent({ ...state, rounds }, round.agent, (agent) =>
    agent.round === number ? { ...agent, round: 0 } : agent,
  );
}

/** Revoked is terminal for an incarnation: only a new registration leads out of it. */
function endValidity(
  state: LedgerState,
  key: AgentKey,
  status: AgentState['status'],
  reason: string,
): LedgerState {
  return changeAgent(state, key, (agent) => {
    const stays = agent.status === 'revoked' && status === 'suspended';
    const over = status === 'revoked' || status === 'none';
    return {
      ...agent,
      status: stays ? agent.status : status,
      reason: stays ? agent.reason : reason,
      round: over ? 0 : agent.round,
    };
  });
}

function setAgent(state: LedgerState, agent: AgentState): LedgerState {
  return { ...state, agents: put(state.agents, agent.agent, agent) };
}

function changeAgent(state: LedgerState, key: Hex, change: (agent: AgentState) => AgentState): LedgerState {
  const agent = state.agents.get(key);
  return agent === undefined ? state : setAgent(state, change(agent));
}

function changeRound(
  state: LedgerState,
  number: number,
  change: (round: RoundState) => RoundState,
): LedgerState {
  const round = state.rounds.get(number);
  return round === undefined ? state : { ...state, rounds: put(state.rounds, number, change(round)) };
}

function changeEpoch(
  state: LedgerState,
  number: number,
  change: (epoch: EpochState) => EpochState,
): LedgerState {
  const epoch = state.epochs.get(number);
  return epoch === undefined ? state : { ...state, epochs: put(state.epochs, number, change(epoch)) };
}

function put<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  return new Map(map).set(key, value);
}

function without<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

function newest<Value>(map: ReadonlyMap<number, Value>, count: number): ReadonlyMap<number, Value> {
  return new Map([...map].slice(-count));
}

function withoutOldest(rounds: ReadonlyMap<number, RoundState>): ReadonlyMap<number, RoundState> {
  const ended = [...rounds.values()].filter(
    (each) => each.phase !== 'challenged' && each.phase !== 'committed',
  );
  if (ended.length <= ENDED_ROUNDS) return rounds;
  const old = new Set(ended.slice(0, ended.length - ENDED_ROUNDS).map((each) => each.round));
  return new Map([...rounds].filter(([number]) => !old.has(number)));
}
