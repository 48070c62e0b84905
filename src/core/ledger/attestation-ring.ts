import type { LedgerState, RoundPhase, RoundState } from '../attestation/ledger-model.ts';
import type { Names } from './names.ts';

/** A round of a member, as a ring shows it. */
export interface RingRound {
  readonly round: number;
  /** Who measures: members, or the registry. */
  readonly verifiers: readonly string[];
  readonly phase: RoundPhase;
  /** Why it failed; empty: it has not. */
  readonly reason: string;
}

export interface RingMember {
  readonly name: string;
  readonly status: string;
  readonly incarnation: number;
  readonly isRoot: boolean;
  /** Its turn comes next. */
  readonly isNext: boolean;
  /** The newest; undefined: none is known any more. */
  readonly round: RingRound | undefined;
}

/** The round of attestations as a ring: members in the order in which their turns come. */
export interface AttestationRing {
  readonly members: readonly RingMember[];
  /** Undefined: it is not told. */
  readonly rootOfTrust: string | undefined;
  /** Whose round is the newest; undefined: there has been none. */
  readonly newest: string | undefined;
}

/** What the ledger says of the round by now. */
export function attestationRing(state: LedgerState, names: Names): AttestationRing {
  const newest = [...state.rounds.values()].reduce<RoundState | undefined>(
    (last, each) => (last === undefined || each.round > last.round ? each : last),
    undefined,
  );
  // Who has waited longest comes next; among equals the plan decides.
  const waiting = state.plan
    .flatMap((key) => state.agents.get(key) ?? [])
    .filter(({ round, status }) => round === 0 && status !== 'revoked' && status !== 'none');
  const next = waiting.toSorted((a, b) => a.lastOpened - b.lastOpened)[0];
  const members = state.plan.map((key): RingMember => {
    const agent = state.agents.get(key);
    const round = state.rounds.get(agent?.lastRounds.at(-1) ?? 0);
    return {
      name: names.agent(key),
      status: agent?.status ?? 'none',
      incarnation: agent?.incarnation ?? 0,
      isRoot: state.rootOfTrust === key,
      isNext: next?.agent === key,
      round: round === undefined ? undefined : roundOf(round, names),
    };
  });
  return {
    members,
    rootOfTrust: names.agent(state.rootOfTrust),
    newest: newest === undefined ? undefined : memberOf(newest, state, names),
  };
}

function roundOf({ round, verifiers, phase, reason, arbitrated }: RoundState, names: Names): RingRound {
  const registry = verifiers.length === 0 || arbitrated;
  return {
    round,
    phase,
    reason,
    verifiers: registry ? ['the registry'] : verifiers.map((key) => names.agent(key)),
  };
}

/** A successor is measured on a seat beside the member that it is to take the place of. */
function memberOf({ agent }: RoundState, { plan, agents }: LedgerState, names: Names): string {
  const name = agents.get(agent)?.name ?? names.agent(agent);
  return plan.includes(agent) ? names.agent(agent) : name;
}
