import type { AgentKey } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { AgentState, EpochState, LedgerState } from './ledger-model.ts';
import { attestedAt } from './ledger-state.ts';

/** Attested and with a key that group keys can be sealed to, in the order in which the ledger knows them. */
export function keyedAgents(state: LedgerState, seconds: number): readonly AgentState[] {
  return [...state.agents.values()].filter(
    (each) => each.kemKey !== ZERO && attestedAt(state, each.agent, seconds),
  );
}

/** The epoch that was opened last. */
export function currentEpoch({ epochs }: LedgerState): EpochState | undefined {
  let current: EpochState | undefined;
  for (const each of epochs.values()) if (current === undefined || each.epoch > current.epoch) current = each;
  return current;
}

/** Whether the attested set has changed since the last epoch was opened. */
export function needsEpoch(state: LedgerState): boolean {
  return state.setVersion > 0 && currentEpoch(state)?.setVersion !== state.setVersion;
}

/**
 * Who is to open the next epoch: the root of trust, or, for each `stewardWithin` seconds for which the group has been without one,
 * the next in order. Undefined: nobody is keyed.
 */
export function stewardAt(
  state: LedgerState,
  times: { readonly seconds: number; readonly setChangedAt: number; readonly stewardWithin: number },
): AgentKey | undefined {
  const { seconds, setChangedAt, stewardWithin } = times;
  const keyed = new Set(keyedAgents(state, seconds).map((each) => each.agent));
  if (keyed.size === 0) return undefined;
  const members = [...state.agents.values()]
    .filter((each) => each.status !== 'none')
    .map((each) => each.agent);
  const planned = state.plan.filter((key) => members.includes(key));
  const order = [...planned, ...members.filter((key) => !planned.includes(key))];
  const start = Math.max(0, order.indexOf(state.rootOfTrust));
  const inOrder = [...order.slice(start), ...order.slice(0, start)].filter((key) => keyed.has(key));
  return inOrder[Math.floor(Math.max(0, seconds - setChangedAt) / stewardWithin) % keyed.size];
}
