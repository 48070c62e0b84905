import { MusterError } from '../../protocol/errors.ts';
import type { AgentKey, LedgerBlock } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { applyEvent } from './apply-event.ts';
import type { LedgerState } from './ledger-model.ts';

/** Before the first event. */
export const EMPTY_LEDGER: LedgerState = {
  at: undefined,
  timestamp: 0,
  guards: new Map(),
  agents: new Map(),
  rounds: new Map(),
  plan: [],
  rootOfTrust: ZERO,
  setVersion: 0,
  epochs: new Map(),
};

/**
 * What the ledger says after one more final block. The same blocks in the same order give the same state everywhere; an entry that
 * is in the state already, told again by its block's hash and its log index, changes nothing.
 * @throws LEDGER_DAMAGED when the block is another one than that which was applied under its number.
 */
export function applyBlock(state: LedgerState, block: LedgerBlock): LedgerState {
  const { at } = state;
  if (at !== undefined && block.number < at.number) return state;
  if (at?.number === block.number && at.hash !== block.hash) {
    throw new MusterError('LEDGER_DAMAGED', `block ${block.number} was ${at.hash} and is ${block.hash} now`, {
      hint: 'ask another endpoint of the ledger, or muster ledger verify',
    });
  }
  let applied = at?.number === block.number ? at.logIndex : -1;
  let next = state;
  for (const { logIndex, event } of block.entries) {
    if (logIndex <= applied) continue;
    applied = logIndex;
    next = {
      ...applyEvent({ ...next, timestamp: block.timestamp }, event),
      at: { number: block.number, hash: block.hash, logIndex },
    };
  }
  return next;
}

/** Whether an agent is attested at a time, s of the chain. Past its validity it is not, whether the ledger says so yet or not. */
export function attestedAt(state: LedgerState, agent: AgentKey, seconds: number): boolean {
  const found = state.agents.get(agent);
  return found?.status === 'attested' && seconds < found.validUntil;
}
