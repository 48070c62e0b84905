import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import { LeaseTable } from '../../core/negotiation/lease-table.ts';
import type { GivenAward, HeldAward } from '../../core/negotiation/standing-award.ts';
import { holdAward, RENEWALS_PER_LEASE } from '../../core/negotiation/standing-award.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { AuctionedGoal, LeaseContent } from '../../protocol/contract-net.ts';
import { LeaseSchema } from '../../protocol/contract-net.ts';
import type { AgentId } from '../../protocol/ids.ts';

export interface AwardListener {
  /** The holder of an award that we gave has missed its lease. */
  lapsed(given: GivenAward, host: NegotiationHost): void;
  /** An award that we held is over. */
  ended(held: HeldAward, reason: string, because: Cause, host: NegotiationHost): void;
}

export interface AwardsSnapshot {
  readonly given: readonly GivenAward[];
  readonly held: readonly HeldAward[];
}

/** Standing awards, given and held, and the messages that keep them alive. */
export class Awards {
  /** Made with the first award: an idle agent is small. */
  #given: LeaseTable<GivenAward> | undefined;
  #held: LeaseTable<HeldAward> | undefined;
  readonly #listener: AwardListener;

  constructor(listener: AwardListener) {
    this.#listener = listener;
  }

  has(award: string): boolean {
    return this.#given?.get(award) !== undefined || this.#held?.get(award) !== undefined;
  }

  snapshot(): AwardsSnapshot {
    return { given: this.#given?.values() ?? [], held: this.held() };
  }

  restore({ given, held }: AwardsSnapshot): void {
    for (const each of given) this.#addGiven(each);
    for (const each of held) this.#addHeld(each);
  }

  #addGiven(given: GivenAward): void {
    this.#given ??= new LeaseTable(lapsesAtMs);
    this.#given.add(given);
  }

  #addHeld(held: HeldAward): void {
    this.#held ??= new LeaseTable(nextLookMs);
    this.#held.add(held);
  }

  countHeld(): number {
    return this.#held?.size ?? 0;
  }

  held(): readonly HeldAward[] {
    return this.#held?.values() ?? [];
  }

  give(given: GivenAward, because: Cause, takesOver: string | undefined, host: NegotiationHost): void {
    this.#addGiven(given);
    trace(
      host,
      given,
      takesOver === undefined ? 'granted' : 'moved',
      given.holder,
      [because],
      takesOver === undefined ? 'won at auction' : `takes over from ${takesOver}`,
    );
  }

  hold(
    award: string,
    goal: AuctionedGoal,
    initiator: AgentId,
    leaseMs: number,
    because: Cause,
    host: NegotiationHost,
  ): void {
    this.#addHeld(holdAward(award, goal, initiator, leaseMs, host.nowMs));
    trace(
      host,
      { award, goal },
      'accepted',
      host.self,
      [because],
      `renewed every ${Math.round(leaseMs / RENEWALS_PER_LEASE)} ms`,
    );
  }

  release(award: string, reason: string, because: Cause, host: NegotiationHost): void {
    const given = this.#given?.get(award);
    const held = this.#held?.get(award);
    this.#given?.remove(given);
    this.#held?.remove(held);
    if (given !== undefined) {
      send(host, given.holder, { kind: 'release', award, reason }, because);
      trace(host, given, 'released', given.holder, [because], reason);
    }
    if (held !== undefined) {
      send(host, held.initiator, { kind: 'release', award, reason }, because);
      this.#end(held, 'released', reason, because, host);
    }
  }

  onMessage(message: AclMessage, entry: number, host: NegotiationHost): Handling | 'unknown-conversation' {
    const parsed = LeaseSchema.safeParse(message.content);
    if (!parsed.success) return 'malformed';
    const { award, kind } = parsed.data;
    const given = this.#given?.get(award);
    const held = this.#held?.get(award);
    if (kind === 'confirmed') {
      if (held === undefined) return 'late';
      if (held.initiator !== message.sender) return 'wrong-sender';
      held.orphanedAtMs = host.nowMs + 2 * held.leaseMs;
      this.#held?.touch(held);
      return 'handled';
    }
    if (kind === 'renew') {
      if (given === undefined) {
        // What an earlier life has given is bargained for anew: till then, or till its lease has run out, what is in force stays.
        if (isOfEarlierLife(award, host)) return 'late';
        // An award that is not given any more: its holder must hear of it, or it would go on acting.
        send(
          host,
          message.sender,
          { kind: 'release', award, reason: 'the award is not given any more' },
          entry,
        );
        return 'late';
      }
      if (given.holder !== message.sender) return 'wrong-sender';
      given.lapsesAtMs = host.nowMs + given.leaseMs;
      this.#given?.touch(given);
      send(host, message.sender, { kind: 'confirmed', award }, entry);
      return 'handled';
    }
    if (held !== undefined && held.initiator === message.sender) {
      this.#held?.remove(held);
      this.#end(held, 'released', parsed.data.reason, entry, host);
      return 'handled';
    }
    if (given !== undefined && given.holder === message.sender) {
      this.#given?.remove(given);
      this.#listener.lapsed(given, host);
      return 'handled';
    }
    return held === undefined && given === undefined ? 'late' : 'wrong-sender';
  }

  onTime(host: NegotiationHost): void {
    const { nowMs } = host;
    for (const held of this.#held?.due(nowMs) ?? []) {
      if (held.orphanedAtMs <= nowMs) {
        this.#held?.remove(held);
        this.#end(held, 'orphaned', `${held.initiator} has not confirmed for two leases`, 0, host);
      } else {
        held.renewAtMs = nextRenewalMs(held, nowMs);
        this.#held?.touch(held);
        send(host, held.initiator, { kind: 'renew', award: held.award, leaseMs: held.leaseMs }, 0);
      }
    }
    for (const given of this.#given?.due(nowMs) ?? []) {
      this.#given?.remove(given);
      trace(host, given, 'lapsed', given.holder, [], `not renewed within ${given.leaseMs} ms`);
      this.#listener.lapsed(given, host);
    }
  }

  /** Infinity: no award is given or held. */
  nextDeadlineMs(): number {
    const givenMs = this.#given?.earliestMs() ?? Number.POSITIVE_INFINITY;
    const heldMs = this.#held?.earliestMs() ?? Number.POSITIVE_INFINITY;
    return Math.min(givenMs, heldMs);
  }

  #end(
    held: HeldAward,
    status: 'released' | 'orphaned',
    reason: string,
    because: Cause,
    host: NegotiationHost,
  ): void {
    trace(host, held, status, host.self, [because], reason);
    this.#listener.ended(held, reason, because, host);
  }
}

/** An award bears the name of who gave it and a token of the auction: `a1.17`, moved once `a1.17/`. */
function isOfEarlierLife(award: string, { self, lastTokenBefore }: NegotiationHost): boolean {
  if (!award.startsWith(`${self}.`)) return false;
  const token = Number.parseInt(award.slice(self.length + 1), 10);
  return token > 0 && token <= lastTokenBefore;
}

/** From one renewal's time to the next, not from when the agent came to it: delays must not add up. */
function nextRenewalMs({ renewAtMs, leaseMs }: HeldAward, nowMs: number): number {
  const periodMs = leaseMs / RENEWALS_PER_LEASE;
  const nextMs = renewAtMs + periodMs;
  return nextMs > nowMs ? nextMs : nowMs + periodMs;
}

function lapsesAtMs(given: GivenAward): number {
  return given.lapsesAtMs;
}

/** A held award is looked at when it is to be renewed, or is orphaned. */
function nextLookMs({ renewAtMs, orphanedAtMs }: HeldAward): number {
  return Math.min(renewAtMs, orphanedAtMs);
}

function send(host: NegotiationHost, receiver: AgentId, content: LeaseContent, because: Cause): void {
  host.send(
    {
      performative: content.kind === 'confirmed' ? 'confirm' : 'inform',
      receiver,
      conversationId: content.award,
      protocol: 'muster-lease',
      content,
    },
    because === 0 ? [] : [because],
  );
}

function trace(
  host: NegotiationHost,
  award: Pick<GivenAward, 'award' | 'goal'>,
  status: 'granted' | 'accepted' | 'released' | 'lapsed' | 'moved' | 'orphaned',
  holder: string,
  because: readonly Cause[],
  reason: string,
): void {
  host.trace(because, { kind: 'award', award: award.award, goal: award.goal.type, status, holder, reason });
}
