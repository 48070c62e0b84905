import type { AclMessage } from '../protocol/acl.ts';
import { CfpSchema } from '../protocol/contract-net.ts';
import type { AgentId } from '../protocol/ids.ts';
import type { FaultSpec } from '../protocol/scenario.ts';

export interface FaultOptions {
  readonly faults: readonly FaultSpec[];
  /** Stops an agent without notice, `afterMs` from now. */
  stop(agent: AgentId, fault: FaultSpec, afterMs: number): void;
}

/** Watches the agents' bargaining for the moments at which a scenario wants an agent to die. Each fault happens once. */
export function createFaultWatch(options: FaultOptions): (message: AclMessage) => boolean {
  const pending = [...options.faults];
  const goals = new Map<string, string>();
  const trigger = (goal: string | undefined, when: FaultSpec['when'], agent: AgentId): boolean => {
    const index = pending.findIndex((fault) => fault.when === when && fault.holderOf === goal);
    const fault = pending[index];
    if (fault === undefined) return false;
    pending.splice(index, 1);
    options.stop(agent, fault, fault.afterMs);
    return true;
  };
  return (message) => {
    if (pending.length === 0 || message.protocol !== 'fipa-contract-net') return true;
    if (message.performative === 'cfp') {
      const cfp = CfpSchema.safeParse(message.content);
      if (cfp.success) goals.set(message.conversationId, cfp.data.goal.type);
    } else if (message.performative === 'accept-proposal') {
      // Stopped between accept and inform: the acceptance arrives, nothing comes of it.
      return !trigger(goals.get(message.conversationId), 'accepted', message.receiver);
    } else if (message.performative === 'inform') {
      trigger(goals.get(message.conversationId), 'standing', message.sender);
    }
    return true;
  };
}
