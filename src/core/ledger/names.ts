import type { AgentKey, Hex, LedgerEvent } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { seatBeside } from '../attestation/seat.ts';

/** What hashes and accounts are called, as far as the ledger has said. */
export interface Names {
  agent(key: AgentKey): string;
  account(address: Hex): string;
  /** Whose round it is. */
  roundOf(round: number): string;
}

/** Learns names from events as they come: an agent's with its admission, a guard's with its enrolment. */
export function createNames(): Names & { learn(event: LedgerEvent): void } {
  const agents = new Map<AgentKey, string>([[ZERO, 'the registry']]);
  const guards = new Map<Hex, string>();
  const rounds = new Map<number, AgentKey>();
  const agent = (key: AgentKey) => agents.get(key) ?? short(key);
  return {
    learn(event) {
      if (event.kind === 'AgentAdmitted') {
        agents.set(event.agent, event.name);
        agents.set(seatBeside(event.agent), `the successor of ${event.name}`);
      }
      if (event.kind === 'GuardEnrolled') guards.set(event.guard, `the guard of ${event.siteName}`);
      if (event.kind === 'RoundOpened') rounds.set(event.round, event.agent);
    },
    agent,
    account: (address) => guards.get(address) ?? short(address),
    roundOf: (round) => agent(rounds.get(round) ?? '0x'),
  };
}

/** A hash as people read it. */
export function short(hash: Hex): string {
  return hash.length > 14 ? `${hash.slice(0, 10)}…` : hash;
}
