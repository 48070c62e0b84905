import type { AclMessage } from '../protocol/acl.ts';
import type { AgentId } from '../protocol/ids.ts';

/** Carries ACL messages between agents: each to its one receiver, in the order in which one sender sent them to it. */
export interface Bus {
  /** Takes what is for this agent from now on. */
  attach(agent: AgentId, deliver: (message: AclMessage) => void): void;
  detach(agent: AgentId): void;
  /** A message to an agent that is not there is lost, as on a network; the sender's deadlines deal with it. */
  send(message: AclMessage): void;
}
