import type { Bus } from '../../src/ports/bus.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Random } from '../../src/ports/random.ts';
import type { AclMessage } from '../../src/protocol/acl.ts';
import type { AgentId } from '../../src/protocol/ids.ts';

export interface LossyBusOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Part of the messages that is lost, and part that comes twice. */
  readonly loss: number;
  readonly duplicates: number;
  /** Each takes the least delay and up to as much again: messages overtake one another. ms */
  readonly delayMs: number;
  readonly countBytes: boolean;
}

export interface LossyBus extends Bus {
  readonly sent: { messages: number; bytes: number };
}

/** A bus within one process on which messages are late, lost and doubled; counts what is sent. */
export function createLossyBus(options: LossyBusOptions): LossyBus {
  const { clock, random, loss, duplicates, delayMs, countBytes } = options;
  const receivers = new Map<AgentId, (message: AclMessage) => void>();
  const sent = { messages: 0, bytes: 0 };
  const deliver = (message: AclMessage): void => {
    const delay = delayMs === 0 ? 0 : delayMs * (1 + random.next());
    clock.at(clock.nowMs() + delay, () => receivers.get(message.receiver)?.(message));
  };
  return {
    sent,
    attach: (agent, receive) => {
      receivers.set(agent, receive);
    },
    detach: (agent) => {
      receivers.delete(agent);
    },
    send: (message) => {
      sent.messages++;
      if (countBytes) sent.bytes += Buffer.byteLength(JSON.stringify(message));
      if (loss > 0 && random.next() < loss) return;
      deliver(message);
      if (duplicates > 0 && random.next() < duplicates) deliver(message);
    },
  };
}
