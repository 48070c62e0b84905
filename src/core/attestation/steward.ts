import type { AgentKey } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { LedgerAgent, LedgerState } from './ledger-state.ts';
import { isAttestedAt } from './ledger-state.ts';

/** Attested and with a key that group keys can be sealed to, in the order in which the ledger knows them. */
export function keyedAgents(state: LedgerState, seconds: number): readonly LedgerAgent[] {
  return [...state.agents.values()].filter(
    (each) => each.kemKey !== ZERO && isAttestedAt(state, each.key, seconds),
  );
}

/** Whether the attested set has changed since the last epoch was opened. */
export function needsEpoch(state: LedgerState): boolean {
  return state.setVersion > 0 && state.epoch?.setVersion !== state.setVersion;
}

/**
 * Who is to open the next epoch: the root of trust, or, for each `stewardWithin` seconds for which the group has been without one,
 * the next in order. Undefined: nobody is keyed.
 */
export function stewardAt(state: LedgerState, seconds: number, stewardWithin: number): AgentKey | undefined {
  const keyed = keyedAgents(state, seconds);
  if (keyed.length === 0) return undefined;
  const order = [...new Set([...state.plan, ...state.agents.keys()])];
  const start = Math.max(0, order.indexOf(state.rootOfTrust));
  const inOrder = [...order.slice(start), ...order.slice(0, start)].filter((key) =>
    keyed.some((each) => each.key === key),
  );
  const skip = Math.floor(Math.max(0, seconds - state.setChangedAt) / stewardWithin) % keyed.length;
  return inOrder[skip];
}
