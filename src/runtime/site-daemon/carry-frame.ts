import { decodeFrame } from '../../protocol/frame.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentDoor } from './agent-door.ts';
import type { PeerSites } from './peer-sites.ts';
import type { Scopes } from './reach.ts';
import { haveOneScope } from './reach.ts';

export interface FrameRoutes {
  /** The site that this daemon is of. */
  readonly site: string;
  /** Which site an agent is at. */
  readonly agents: Readonly<Record<string, string>>;
  readonly scopes: Scopes;
  readonly door: Pick<AgentDoor, 'send'>;
  readonly peers: Pick<PeerSites, 'send'>;
}

/**
 * Brings a sealed frame of an agent of this site on its way: through the door of this site, or to the daemon of another. One for nobody
 * is lost. False: it goes nowhere, since it is for somebody who looks after something else.
 */
export function carryFrame(
  { site, agents, scopes, door, peers }: FrameRoutes,
  from: AgentId,
  to: AgentId,
  frame: Uint8Array,
): boolean {
  const at = agents[to];
  if (at === undefined) return true;
  if (!haveOneScope(scopes, from, to)) return false;
  if (at === site) door.send(to, { kind: 'frame', frame });
  else peers.send(at, to, frame);
  return true;
}

/**
 * Hands over a frame that the daemon of another site has brought, which may have been taken over: whom it says to be from, it is for its
 * receiver to verify. False: it is not handed over, as above.
 */
export function deliverFrame(
  { scopes, door }: Pick<FrameRoutes, 'scopes' | 'door'>,
  to: AgentId,
  frame: Uint8Array,
): boolean {
  const from = decodeFrame(frame)?.header.from;
  if (from === undefined || !haveOneScope(scopes, from, to)) return false;
  door.send(to, { kind: 'frame', frame });
  return true;
}
