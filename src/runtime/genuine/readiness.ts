import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { needsEpoch } from '../../core/attestation/steward.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { TrustView } from '../trust/trust-view.ts';

/** Whether all these agents are attested and hold the key of the newest epoch. */
export function isReady(trust: TrustView, specs: readonly AgentSpec[]): boolean {
  const { state, epoch } = trust;
  if (epoch === undefined || needsEpoch(state)) return false;
  return specs.every(({ name }) => {
    const agent = trust.attested(agentKeyOf(name));
    // One that takes no part in the group key has none to hold.
    return agent !== undefined && (agent.kemKey === ZERO || epoch.acknowledged.includes(agent.agent));
  });
}

/** In words, how each agent stands on the ledger. */
export function standings({ state }: TrustView): string {
  const states = [...state.agents.values()].map((each) => `${each.name} ${each.status} ${each.reason}`);
  return states.join(', ') || 'nothing is on the ledger yet';
}
