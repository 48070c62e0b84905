import type { AclMessage, MessageDraft, Performative } from '../../protocol/acl.ts';
import type { Cfp, Reveal } from '../../protocol/contract-net.ts';
import { AcceptSchema } from '../../protocol/contract-net.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { Bid } from './bid.ts';
import type { BundleOffer } from './bundle.ts';
import type { Handling } from './initiator.ts';
import type { Sealing } from './sealing.ts';
import { commitmentOf } from './sealing.ts';

export type ParticipantOutput =
  | { readonly kind: 'send'; readonly message: MessageDraft }
  | {
      readonly kind: 'execute';
      readonly award: string;
      readonly takesOver: string | undefined;
      /** Goals of a bundle that were won. */
      readonly goals: readonly number[] | undefined;
    }
  | { readonly kind: 'stop'; readonly reason: string };

/** Who promises, and with what. */
export interface Seal {
  readonly self: AgentId;
  readonly sealing: Sealing;
}

interface Answer {
  readonly performative: Performative;
  readonly content: Json;
}

export interface ParticipantSnapshot {
  readonly conversationId: string;
  readonly initiator: AgentId;
  readonly cfp: Cfp;
  readonly cfpMessage: string;
  readonly state: Participant['state'];
  readonly deadlineMs: number;
  readonly acceptMessage: string;
  readonly answer: Answer | undefined;
  readonly promised: Reveal | undefined;
}

/** How a message counts that comes for a conversation in which this agent has not won, and which is over. */
export function handlingOfEnded(message: AclMessage, initiator: string): Handling {
  if (message.sender !== initiator) return 'wrong-sender';
  if (message.performative === 'cfp') return 'duplicate';
  return message.performative === 'cancel' ? 'late' : 'wrong-state';
}

/**
 * The participant's side of FIPA Contract Net, one auction: `bidding` after its proposal, `executing` once accepted, `ended`
 * exactly once. A second accept executes nothing twice: it gets the answer that the first one got.
 */
export class Participant {
  readonly conversationId: string;
  readonly initiator: AgentId;
  readonly cfp: Cfp;
  readonly cfpMessage: string;
  state: 'bidding' | 'executing' | 'ended' = 'bidding';
  /** Until when the bid binds, then until when the work must be done. */
  deadlineMs: number;
  acceptMessage = '';
  #answer: Answer | undefined;
  /** The bid behind a commitment. */
  #promised: Reveal | undefined;

  constructor(message: Pick<AclMessage, 'conversationId' | 'sender' | 'messageId'>, cfp: Cfp) {
    this.conversationId = message.conversationId;
    this.initiator = message.sender;
    this.cfp = cfp;
    this.cfpMessage = message.messageId;
    this.deadlineMs = cfp.completeByMs;
  }

  static restore(from: ParticipantSnapshot): Participant {
    const { conversationId, initiator: sender, cfpMessage: messageId, cfp } = from;
    const machine = new Participant({ conversationId, sender, messageId }, cfp);
    machine.state = from.state;
    machine.deadlineMs = from.deadlineMs;
    machine.acceptMessage = from.acceptMessage;
    machine.#answer = from.answer;
    machine.#promised = from.promised;
    return machine;
  }

  snapshot(): ParticipantSnapshot {
    const { conversationId, initiator, cfp, cfpMessage, state, deadlineMs, acceptMessage } = this;
    return {
      conversationId,
      initiator,
      cfp,
      cfpMessage,
      state,
      deadlineMs,
      acceptMessage,
      answer: this.#answer,
      promised: this.#promised,
    };
  }

  /** Answers the cfp with a proposal that binds until `validUntilMs` (its promise, if bids are sealed), or a refusal. */
  answer(bid: Bid, validUntilMs: number, out: ParticipantOutput[], seal?: Seal): void {
    if (bid.kind === 'propose' && this.cfp.sealed !== undefined) {
      this.#promise(bid, validUntilMs, out, seal);
    } else if (bid.kind === 'propose') {
      this.deadlineMs = validUntilMs;
      this.#send('propose', { price: bid.price, parts: bid.parts, validUntilMs }, this.cfpMessage, out);
    } else {
      this.state = 'ended';
      this.#send('refuse', { reason: bid.reason, parts: bid.parts }, this.cfpMessage, out);
    }
  }

  /** Answers a cfp for a bundle with offers for sets of its goals; none: refused, with why (cut at 500 characters). */
  answerBundle(
    offers: readonly Omit<BundleOffer, 'bidder'>[],
    whyNone: string,
    validUntilMs: number,
    out: ParticipantOutput[],
  ): void {
    if (offers.length === 0) {
      this.state = 'ended';
      this.#send('refuse', { reason: whyNone.slice(0, 500), parts: [] }, this.cfpMessage, out);
      return;
    }
    this.deadlineMs = validUntilMs;
    const content = {
      offers: offers.map(({ goals, price }) => ({ goals: [...goals], price })),
      validUntilMs,
    };
    this.#send('propose', content, this.cfpMessage, out);
  }

  #promise(
    { price, parts }: Extract<Bid, { kind: 'propose' }>,
    validUntilMs: number,
    out: ParticipantOutput[],
    seal: Seal | undefined,
  ): void {
    if (seal === undefined) {
      this.state = 'ended';
      this.#send('refuse', { reason: 'cannot seal a bid', parts: [] }, this.cfpMessage, out);
      return;
    }
    this.deadlineMs = validUntilMs;
    const nonce = seal.sealing.nonce(this.conversationId);
    this.#promised = { price, parts: [...parts], validUntilMs, nonce };
    const commitment = commitmentOf(seal.sealing.hash, this.conversationId, seal.self, this.#promised);
    this.#send('propose', { commitment }, this.cfpMessage, out);
  }

  onMessage(message: AclMessage, nowMs: number, out: ParticipantOutput[]): Handling {
    if (message.sender !== this.initiator) return 'wrong-sender';
    switch (message.performative) {
      case 'cfp':
        return 'duplicate';
      case 'query-ref':
        if (this.state !== 'bidding' || this.#promised === undefined) return 'wrong-state';
        this.#send('inform', this.#promised, message.messageId, out);
        return 'handled';
      case 'accept-proposal':
        return this.#onAccept(message, nowMs, out);
      case 'reject-proposal':
        if (this.state !== 'bidding') return 'wrong-state';
        this.state = 'ended';
        return 'handled';
      case 'cancel':
        if (this.state === 'ended') return 'late';
        if (this.state === 'executing') out.push({ kind: 'stop', reason: 'cancelled by the initiator' });
        this.state = 'ended';
        return 'handled';
      default:
        return 'wrong-state';
    }
  }

  /** The work is done: `result` goes to the initiator. */
  completed(result: Json, out: ParticipantOutput[]): void {
    this.#end('inform', { result }, out);
  }

  failed(reason: string, out: ParticipantOutput[]): void {
    this.#end('failure', { reason }, out);
  }

  /** A bid nobody took up in time no longer binds; work not done in time is stopped. */
  onTime(nowMs: number, out: ParticipantOutput[]): void {
    if (nowMs <= this.deadlineMs || this.state === 'ended') return;
    if (this.state === 'executing') {
      out.push({ kind: 'stop', reason: 'not done in time' });
      this.failed('not done in time', out);
    } else this.state = 'ended';
  }

  #onAccept(message: AclMessage, nowMs: number, out: ParticipantOutput[]): Handling {
    if (this.acceptMessage !== '') {
      const answer = this.#answer;
      if (answer !== undefined) this.#send(answer.performative, answer.content, message.messageId, out);
      return 'duplicate';
    }
    if (this.state !== 'bidding') return 'wrong-state';
    const parsed = AcceptSchema.safeParse(message.content);
    this.acceptMessage = message.messageId;
    if (!parsed.success) {
      this.failed('the acceptance could not be read', out);
      return 'malformed';
    }
    if (nowMs > this.deadlineMs) {
      this.failed('the bid was no longer valid', out);
      return 'late';
    }
    this.state = 'executing';
    this.deadlineMs = message.replyByMs ?? this.cfp.completeByMs;
    const { award, takesOver, goals } = parsed.data;
    out.push({ kind: 'execute', award, takesOver, goals });
    return 'handled';
  }

  #end(performative: Performative, content: Json, out: ParticipantOutput[]): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.#answer = { performative, content };
    this.#send(performative, content, this.acceptMessage, out);
  }

  #send(performative: Performative, content: Json, inReplyTo: string, out: ParticipantOutput[]): void {
    const { conversationId, initiator: receiver } = this;
    const message = {
      performative,
      receiver,
      conversationId,
      protocol: 'fipa-contract-net',
      content,
      inReplyTo,
    } as const;
    out.push({ kind: 'send', message });
  }
}
