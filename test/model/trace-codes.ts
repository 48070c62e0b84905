import type { LedgerState, RoundState } from '../../src/core/attestation/ledger-model.ts';
import type { AgentKey, Hex, LedgerEvent } from '../../src/protocol/ledger.ts';
import { ZERO } from '../../src/protocol/ledger.ts';

/**
 * Traces of attestation.pml as numbers. An event is `kind * 1000 + agent * 100 + other * 10 + third`, with agents 0 to 2 and 3 for the
 * registry (kinds 11 and 12 carry a version instead); after the events of a step come six numbers that say what state it leads to.
 */
export const REGISTRY = 3;
export const AGENTS = [0, 1, 2] as const;
export const STATE_CODES = 6;
const FIRST_STATE_CODE = 100_000;

const word = (value: number): Hex => `0x${value.toString(16).padStart(64, '0')}`;
export const keyOf = (agent: number): AgentKey => (agent === REGISTRY ? ZERO : word(0xa0 + agent));
export const indexOf = (key: AgentKey): number => (key === ZERO ? REGISTRY : Number(BigInt(key)) - 0xa0);
/** Times of the chain are not in the model: validity never runs out. */
const VALID_UNTIL = 1_000_000;

export interface Step {
  readonly events: readonly number[];
  readonly state: readonly number[];
}

/** Cuts numbers into steps; what is begun and not ended is left out. */
export function stepsOf(codes: readonly number[]): readonly Step[] {
  const steps: Step[] = [];
  let events: number[] = [];
  let state: number[] = [];
  for (const code of codes) {
    if (code < FIRST_STATE_CODE) events.push(code);
    else state.push(code);
    if (state.length < STATE_CODES) continue;
    steps.push({ events, state });
    events = [];
    state = [];
  }
  return steps;
}

/** The round that an agent is in, as the ledger's state has it. */
export function roundOf(state: LedgerState, agent: number): RoundState | undefined {
  const number = state.agents.get(keyOf(agent))?.round ?? 0;
  return number === 0 ? undefined : state.rounds.get(number);
}

/** Who is to judge a round. */
export function seatOf(round: RoundState): number {
  const [first] = round.verifiers;
  return round.arbitrated || first === undefined ? REGISTRY : indexOf(first);
}

/** The state as the model would print it. */
export function stateCodes(state: LedgerState): readonly number[] {
  const statuses = ['registered', 'attested', 'suspended', 'revoked'];
  const agents = AGENTS.map((each) => {
    const agent = state.agents.get(keyOf(each));
    const round = roundOf(state, each);
    const phase = round === undefined ? 0 : ['', 'challenged', 'committed'].indexOf(round.phase);
    const seat = round === undefined ? 0 : seatOf(round);
    const status = statuses.indexOf(agent?.status ?? '');
    return 100_000 + (agent?.misses ?? 0) * 1000 + seat * 100 + phase * 10 + status;
  });
  const epochs = [...state.epochs.values()];
  const newest = epochs.at(-1);
  const [a = 0, b = 0, c = 0] = AGENTS.map(
    (each) => epochs.findLast(({ members }) => members.includes(keyOf(each)))?.epoch ?? 0,
  );
  return [
    ...agents,
    200_000 + state.setVersion,
    300_000 + (newest?.epoch ?? 0) * 1000 + (newest?.setVersion ?? 0),
    400_000 + a * 100 + b * 10 + c,
  ];
}

/** What an event's number stands for in a state; none: for nothing. */
export function eventsOf(code: number, state: LedgerState): readonly LedgerEvent[] {
  const kind = Math.floor(code / 1000);
  const [first, second, third] = [Math.floor(code / 100) % 10, Math.floor(code / 10) % 10, code % 10];
  const agent = keyOf(first);
  const other = keyOf(second);
  const round = state.agents.get(agent)?.round ?? 0;
  const about = { agent, incarnation: 1 };
  const verdict = (pass: boolean, matches: boolean): LedgerEvent => ({
    kind: 'VerdictGiven',
    round,
    agent,
    verifier: other,
    answer: ZERO,
    matches,
    pass,
    appraisalHash: ZERO,
  });
  switch (kind) {
    case 1: {
      const number = 1 + Math.max(0, ...state.rounds.keys());
      const verifiers = second === REGISTRY ? [] : [other];
      const times = { openedAt: 1, commitBy: 2 };
      const challenge = { index: number, nonce: word(number), answerHash: word(number) };
      return [{ kind: 'RoundOpened', round: number, ...about, ...challenge, verifiers, ...times }];
    }
    case 2: {
      const ids = { bootId: ZERO, pid: 1, startTime: 1, incarnation: 1, decisionHead: ZERO };
      const evidence = { ...ids, kemKey: word(7), frameKey: word(8), quoteHash: ZERO };
      return [{ kind: 'Committed', round, agent, evidence, binding: word(9), verdictBy: 3 }];
    }
    case 3: {
      const passed = { validUntil: VALID_UNTIL, verifier: other, rootOfTrust: agent };
      return [verdict(true, true), { kind: 'RoundPassed', round, ...about, ...passed }];
    }
    case 4:
      return [verdict(false, true)];
    case 5:
      return [{ kind: 'Arbitration', round, verdictBy: 4 }];
    case 6:
      return [{ kind: 'RoundFailed', round, ...about, reason: 'it failed' }];
    case 7:
      return [{ kind: 'Revoked', ...about, reason: 'it failed' }];
    case 8:
      return [{ kind: 'Suspended', ...about, reason: 'it was silent' }];
    case 9:
      return [{ kind: 'RoundExpired', round, agent, silent: other }];
    case 10:
      return [{ kind: 'VerifierReplaced', round, silent: other, successor: keyOf(third), verdictBy: 4 }];
    case 11:
      return [{ kind: 'AttestedSetChanged', version: code % 1000 }];
    case 12: {
      const epoch = 1 + Math.max(0, ...state.epochs.keys());
      const steward = state.rootOfTrust;
      return [{ kind: 'EpochOpened', epoch, setVersion: code % 1000, rosterHash: ZERO, steward }];
    }
    case 13:
      return [{ kind: 'Envelope', epoch: Math.max(0, ...state.epochs.keys()), agent, sealedKey: '0x' }];
    case 14:
      return [verdict(true, false)];
    default:
      return [];
  }
}
