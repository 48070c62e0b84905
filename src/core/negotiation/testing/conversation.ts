import type { AclMessage, Performative } from '../../../protocol/acl.ts';
import type { AgentId } from '../../../protocol/ids.ts';
import { agentId } from '../../../protocol/ids.ts';
import type { Json } from '../../../protocol/journal.ts';
import type { AuctionSpec, InitiatorOutput } from '../auction-spec.ts';
import type { BundleOutput } from '../bundle-initiator.ts';
import { Initiator } from '../initiator.ts';
import type { ParticipantOutput } from '../participant.ts';
import type { Sealing } from '../sealing.ts';

export const buyer = agentId('buyer');
export const b1 = agentId('b1');
export const b2 = agentId('b2');
export const b3 = agentId('b3');
export const stranger = agentId('stranger');

export const spec: AuctionSpec = {
  conversationId: 'buyer.1',
  goal: { type: 'dig', args: {} },
  participants: [b1, b2, b3],
  replyByMs: 100,
  completeWithinMs: 200,
};

let number = 0;

/** A message of the conversation, as one of its sides gets it. */
export function message(performative: Performative, sender: AgentId, content: Json): AclMessage {
  return {
    performative,
    sender,
    receiver: buyer,
    conversationId: spec.conversationId,
    messageId: `${sender}:${++number}`,
    protocol: 'fipa-contract-net',
    ontology: 'muster',
    content,
  };
}

export const proposal = (price: number): Json => ({ price, parts: [], validUntilMs: 10_000 });

/** What a machine sends, as `performative receiver`. */
export function sent(out: readonly (InitiatorOutput | ParticipantOutput | BundleOutput)[]): string[] {
  return out.flatMap((each) =>
    each.kind === 'send' ? [`${each.message.performative} ${each.message.receiver}`] : [],
  );
}

/** An auction that has been opened; `say` gives it a message and leaves in `out` what it answers. */
export function auction(more: Partial<AuctionSpec> = {}, hash?: Sealing['hash']) {
  const machine = new Initiator({ ...spec, ...more }, hash);
  const out: InitiatorOutput[] = [];
  machine.open(out);
  const say = (performative: Performative, sender: AgentId, content: Json, nowMs = 1) => {
    out.length = 0;
    return machine.onMessage(message(performative, sender, content), nowMs, out);
  };
  return { machine, out, say };
}
