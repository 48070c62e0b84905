import type { AuctionedGoal } from '../../protocol/contract-net.ts';
import type { AgentId } from '../../protocol/ids.ts';

/**
 * A renewal is sent this often within a lease. The last of them arrives when the lease is just over, so it does not count: two lost
 * ones still do not cost the award.
 */
export const RENEWALS_PER_LEASE = 4;

/** An award as its initiator sees it. */
export interface GivenAward {
  readonly award: string;
  readonly goal: AuctionedGoal;
  readonly holder: AgentId;
  readonly leaseMs: number;
  lapsesAtMs: number;
}

/** An award as its holder sees it. */
export interface HeldAward {
  readonly award: string;
  readonly goal: AuctionedGoal;
  readonly initiator: AgentId;
  readonly leaseMs: number;
  renewAtMs: number;
  /** The initiator has not confirmed for so long: the award is orphaned and what it has in force goes. */
  orphanedAtMs: number;
}

export function giveAward(
  award: string,
  goal: AuctionedGoal,
  holder: AgentId,
  leaseMs: number,
  nowMs: number,
): GivenAward {
  return { award, goal, holder, leaseMs, lapsesAtMs: nowMs + leaseMs };
}

export function holdAward(
  award: string,
  goal: AuctionedGoal,
  initiator: AgentId,
  leaseMs: number,
  nowMs: number,
): HeldAward {
  return {
    award,
    goal,
    initiator,
    leaseMs,
    renewAtMs: nowMs + leaseMs / RENEWALS_PER_LEASE,
    orphanedAtMs: nowMs + 2 * leaseMs,
  };
}
