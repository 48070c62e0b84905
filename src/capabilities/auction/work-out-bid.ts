import { findOffer } from '../../core/bdi/agent-model.ts';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { Bid } from '../../core/negotiation/bid.ts';
import { bid } from '../../core/negotiation/bid.ts';
import type { Cfp } from '../../protocol/contract-net.ts';
import type { BidPart } from '../../protocol/journal.ts';
import type { AuctionOptions } from './auction-module.ts';

/** Share of C in [0, 1] that activating a capability costs. */
const ACTIVATION_COST = 0.3;
const NO_DEMAND = { cpu: 0, memoryGb: 0 };

/**
 * What this agent bids on a goal: first whether it could reach it at all, then C(B, g) with the cost of activating the
 * capability as a term of its own, then U after placing (the paper's two steps, section III.B).
 */
export function work(
  cfp: Cfp,
  host: NegotiationHost,
  options: AuctionOptions,
  awardsHeld: number,
): { readonly bid: Bid; readonly capability: string; readonly because: readonly Cause[] } {
  const { goal } = cfp;
  const offer = findOffer(host.model, goal.type);
  if (offer === undefined) {
    const reason = `knows no capability for ${goal.type}`;
    return { bid: { kind: 'refuse', reason, parts: [] }, capability: '', because: [] };
  }
  const { capability, decl } = offer;
  const impossible = decl.impossible?.(host.beliefs, goal.args);
  if (impossible !== undefined) {
    return {
      bid: { kind: 'refuse', reason: impossible, parts: [] },
      capability: capability.name,
      because: [],
    };
  }
  const active = host.isActive(capability.name);
  const own = capability.cost?.(host.beliefs, decl.goal, goal.args) ?? { value: 0, parts: [] };
  // Each award already held makes the next one dearer: work spreads over agents that are equal otherwise.
  const load = Math.min(0.3, awardsHeld * 0.05);
  const parts: BidPart[] = own.parts.map((part) => ({ ...part }));
  if (!active)
    parts.push({ name: 'activation', value: ACTIVATION_COST, detail: `${capability.name} is not active` });
  if (load > 0) parts.push({ name: 'awards held', value: load, detail: `${awardsHeld} awards` });
  const cost = own.value + (active ? 0 : ACTIVATION_COST) + load;
  const usage = host.model.utility?.(host.beliefs);
  const demand = cfp.demand ?? (active ? NO_DEMAND : options.activationDemand(capability.name));
  return {
    capability: capability.name,
    because: [],
    bid: bid({
      mode: options.mode,
      costWeight: options.costWeight,
      cost,
      costParts: parts,
      cpu: usage?.cpu ?? { used: 0, total: 1 },
      memoryGb: usage?.memoryGb ?? { used: 0, total: 1 },
      demand: usage === undefined ? NO_DEMAND : demand,
    }),
  };
}
