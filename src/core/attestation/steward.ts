import type { AgentKey } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { AgentState, EpochState, LedgerState } from './ledger-model.ts';
import { attestedAt } from './ledger-state.ts';

/** A key is renewed after so long also when nobody has come or gone, s: what is learnt of one is of use for no longer. */
export const EPOCH_LIVES_S = 600;

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

/** Times in s of the chain; `stewardWithin`: for how long a steward may leave the group without a key, s. */
export interface StewardTimes {
  readonly seconds: number;
  readonly setChangedAt: number;
  readonly stewardWithin: number;
}

/** Whether more than half of those keyed now say that they hold the epoch. */
export function isHeld(state: LedgerState, { acknowledged }: EpochState, seconds: number): boolean {
  const keyed = keyedAgents(state, seconds);
  return keyed.filter((each) => acknowledged.includes(each.agent)).length * 2 > keyed.length;
}

/** Whether somebody has to open an epoch: the set has changed, most of it cannot open the one that there is, or that has had its time. */
export function epochIsDue(state: LedgerState, { seconds, stewardWithin }: StewardTimes): boolean {
  if (needsEpoch(state)) return true;
  const open = currentEpoch(state);
  if (open === undefined) return false;
  const lives = isHeld(state, open, seconds) ? EPOCH_LIVES_S : stewardWithin;
  return seconds >= open.openedAt + lives;
}

/**
 * Who may open the next epoch, as KeyVault.stewardNow has it: while the set has one that is held, whoever opened it; while that is
 * not known yet, nobody; else the root of trust, or, for each `stewardWithin` seconds since the set changed, the next in order:
 * whoever is silent, or seals what nobody can open, is passed over. Undefined also when nobody is keyed.
 */
export function stewardAt(state: LedgerState, times: StewardTimes): AgentKey | undefined {
  const { seconds, setChangedAt, stewardWithin } = times;
  const keyed = new Set(keyedAgents(state, seconds).map((each) => each.agent));
  if (keyed.size === 0) return undefined;
  const open = currentEpoch(state);
  let passed = Math.floor(Math.max(0, seconds - setChangedAt) / stewardWithin);
  if (open?.setVersion === state.setVersion) {
    const held = isHeld(state, open, seconds);
    if (held && keyed.has(open.steward)) return open.steward;
    if (held) passed = 0;
    else if (seconds < open.openedAt + stewardWithin) return undefined;
  }
  const members = [...state.agents.values()]
    .filter((each) => each.status !== 'none' && !each.isSuccessor)
    .map((each) => each.agent);
  const planned = state.plan.filter((key) => members.includes(key));
  const order = [...planned, ...members.filter((key) => !planned.includes(key))];
  const start = Math.max(0, order.indexOf(state.rootOfTrust));
  const inOrder = [...order.slice(start), ...order.slice(0, start)].filter((key) => keyed.has(key));
  return inOrder[passed % keyed.size];
}
