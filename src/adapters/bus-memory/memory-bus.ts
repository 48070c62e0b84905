import type { Bus } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';

/** A bus within one process: every message takes `latencyMs` of the clock, and is never delivered while it is being sent. */
export function createMemoryBus(clock: Clock, latencyMs: number): Bus {
  const receivers = new Map<AgentId, (message: AclMessage) => void>();
  return {
    attach: (agent, deliver) => {
      receivers.set(agent, deliver);
    },
    detach: (agent) => {
      receivers.delete(agent);
    },
    send: (message) => {
      clock.at(clock.nowMs() + latencyMs, () => receivers.get(message.receiver)?.(message));
    },
  };
}
