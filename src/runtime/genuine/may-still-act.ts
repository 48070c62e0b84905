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
