import type { AgentId } from '../../protocol/ids.ts';
import type { AgentDoor } from './agent-door.ts';
import type { PeerSites } from './peer-sites.ts';

export interface FrameRoutes {
  /** The site that this daemon is of. */
  readonly site: string;
  /** Which site an agent is at. */
  readonly agents: Readonly<Record<string, string>>;
  readonly door: AgentDoor;
  readonly peers: PeerSites;
}

/** Brings a sealed frame on its way: through the door of this site, or to the daemon of another. One for nobody is lost. */
export function carryFrame({ site, agents, door, peers }: FrameRoutes, to: AgentId, frame: Uint8Array): void {
  const at = agents[to];
  if (at === site) door.send(to, { kind: 'frame', frame });
  else if (at !== undefined) peers.send(at, to, frame);
}
