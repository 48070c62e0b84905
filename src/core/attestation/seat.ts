import type { AgentKey, Hex } from '../../protocol/ledger.ts';

/**
 * The seat beside a member of the ledger, where its successor is attested while it goes on; and the member beside a seat. Its key
 * is the member's with the last bit turned over (contracts/src/LedgerState.sol).
 */
export function seatBeside(agent: AgentKey): AgentKey {
  const last = Number.parseInt(agent.slice(-1), 16) ^ 1;
  const key: Hex = `0x${agent.slice(2, -1)}${last.toString(16)}`;
  return key;
}
