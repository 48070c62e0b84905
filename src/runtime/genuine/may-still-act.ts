import type { AgentId } from '../../protocol/ids.ts';
import type { TrustView } from '../trust/trust-view.ts';

/** Why what an incarnation has asked for is not carried out any more; undefined: it may be. */
export function mayStillAct(trust: TrustView, agent: AgentId, incarnation: number): string | undefined {
  const key = trust.keyOf(agent);
  const attested = key === undefined ? undefined : trust.attested(key);
  if (attested === undefined) return `${agent} is not attested any more`;
  if (attested.incarnation === incarnation) return undefined;
  return `incarnation ${incarnation} is not the attested one, ${attested.incarnation}`;
}

/** Whether the ledger may have told others already that this incarnation acts: as far as is known here, it has not come so far. */
export function mayActSoon(trust: TrustView, agent: AgentId, incarnation: number): boolean {
  if (trust.hasFallen({ name: agent, incarnation })) return false;
  const key = trust.keyOf(agent);
  const known = key === undefined ? undefined : trust.state.agents.get(key);
  if (key === undefined || known === undefined) return true;
  const acting = trust.attested(key) ?? known;
  if (acting.incarnation !== incarnation) return acting.incarnation < incarnation;
  return known.status === 'admitted' || known.status === 'registered';
}
