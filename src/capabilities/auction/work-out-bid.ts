import { findOffer } from '../../core/bdi/agent-model.ts';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Bid } from '../../core/negotiation/bid.ts';
import { bid } from '../../core/negotiation/bid.ts';
import type { Room } from '../../core/negotiation/directory.ts';
import type { Cfp } from '../../protocol/contract-net.ts';
import type { BidPart } from '../../protocol/journal.ts';
import type { AuctionOptions } from './auction-module.ts';

/** Share of C in [0, 1] that activating a capability costs. */
const ACTIVATION_COST = 0.3;
const NO_DEMAND: Room = { cpu: 0, memoryGb: 0 };

/** What an agent takes for granted when it prices a goal: the awards that it holds, and in a bundle the goals before this one. */
export interface Assumed {
  readonly awardsHeld: number;
  /** Capabilities that are active or will be by then. */
  readonly isActive: (capability: string) => boolean;
  /** Room that is taken besides what the host shows. */
  readonly taken: Room;
}

export function assumedNow(host: NegotiationHost, awardsHeld: number): Assumed {
  return { awardsHeld, isActive: (capability) => host.isActive(capability), taken: NO_DEMAND };
}

export interface WorkedOut {
  readonly bid: Bid;
  /** Of which capability the goal is; '' when the agent knows none. */
  readonly capability: string;
  /** What it would take. */
  readonly demand: Room;
}

/**
 * What this agent bids on a goal: first whether it could reach it at all, then C(B, g) with the cost of activating the
 * capability as a term of its own, then U after placing (the paper's two steps, section III.B).
 */
export function work(cfp: Cfp, host: NegotiationHost, options: AuctionOptions, assumed: Assumed): WorkedOut {
  const { awardsHeld, taken } = assumed;
  const { goal } = cfp;
  const offer = findOffer(host.model, goal.type);
  if (offer === undefined) {
    const reason = `knows no capability for ${goal.type}`;
    return { bid: { kind: 'refuse', reason, parts: [] }, capability: '', demand: NO_DEMAND };
  }
  const { capability, decl } = offer;
  const impossible = decl.impossible?.(host.beliefs, goal.args);
  if (impossible !== undefined) {
    return {
      bid: { kind: 'refuse', reason: impossible, parts: [] },
      capability: capability.name,
      demand: NO_DEMAND,
    };
  }
  const active = assumed.isActive(capability.name);
  const own = capability.cost?.(host.beliefs, decl.goal, goal.args) ?? { value: 0, parts: [] };
  // Each award already held makes the next one dearer: work spreads over agents that are equal otherwise.
  const load = Math.min(0.3, awardsHeld * 0.05);
  const parts: BidPart[] = own.parts.map((part) => ({ ...part }));
  if (!active)
    parts.push({ name: 'activation', value: ACTIVATION_COST, detail: `${capability.name} is not active` });
  if (load > 0) parts.push({ name: 'awards held', value: load, detail: `${awardsHeld} awards` });
  const cost = own.value + (active ? 0 : ACTIVATION_COST) + load;
  const usage = host.model.utility?.(host.beliefs);
  const wanted = cfp.demand ?? (active ? NO_DEMAND : options.activationDemand(capability.name));
  const demand = usage === undefined ? NO_DEMAND : wanted;
  return {
    capability: capability.name,
    demand,
    bid: bid({
      mode: options.mode,
      costWeight: options.costWeight,
      cost,
      costParts: parts,
      cpu: { used: (usage?.cpu.used ?? 0) + taken.cpu, total: usage?.cpu.total ?? 1 },
      memoryGb: { used: (usage?.memoryGb.used ?? 0) + taken.memoryGb, total: usage?.memoryGb.total ?? 1 },
      demand,
    }),
  };
}
