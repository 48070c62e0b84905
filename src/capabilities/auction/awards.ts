import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
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
  readonly #given = new Map<string, GivenAward>();
  readonly #held = new Map<string, HeldAward>();
  readonly #listener: AwardListener;

  constructor(listener: AwardListener) {
    this.#listener = listener;
  }

  has(award: string): boolean {
    return this.#given.has(award) || this.#held.has(award);
  }

  snapshot(): AwardsSnapshot {
    return { given: [...this.#given.values()], held: [...this.#held.values()] };
  }

  restore({ given, held }: AwardsSnapshot): void {
    for (const each of given) this.#given.set(each.award, each);
    for (const each of held) this.#held.set(each.award, each);
  }

  countHeld(): number {
    return this.#held.size;
  }

  held(): readonly HeldAward[] {
    return [...this.#held.values()];
  }

  give(given: GivenAward, because: Cause, takesOver: string | undefined, host: NegotiationHost): void {
    this.#given.set(given.award, given);
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
    this.#held.set(award, holdAward(award, goal, initiator, leaseMs, host.nowMs));
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
    const given = this.#given.get(award);
    const held = this.#held.get(award);
    this.#given.delete(award);
    this.#held.delete(award);
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
    const given = this.#given.get(award);
    const held = this.#held.get(award);
    if (kind === 'confirmed') {
      if (held === undefined) return 'late';
      if (held.initiator !== message.sender) return 'wrong-sender';
      held.orphanedAtMs = host.nowMs + 2 * held.leaseMs;
      return 'handled';
    }
    if (kind === 'renew') {
      if (given === undefined) {
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
      send(host, message.sender, { kind: 'confirmed', award }, entry);
      return 'handled';
    }
    if (held !== undefined && held.initiator === message.sender) {
      this.#held.delete(award);
      this.#end(held, 'released', parsed.data.reason, entry, host);
      return 'handled';
    }
    if (given !== undefined && given.holder === message.sender) {
      this.#given.delete(award);
      this.#listener.lapsed(given, host);
      return 'handled';
    }
    return held === undefined && given === undefined ? 'late' : 'wrong-sender';
  }

  onTime(host: NegotiationHost): void {
    const { nowMs } = host;
    for (const held of [...this.#held.values()]) {
      if (held.orphanedAtMs <= nowMs) {
        this.#held.delete(held.award);
        this.#end(held, 'orphaned', `${held.initiator} has not confirmed for two leases`, 0, host);
      } else if (held.renewAtMs <= nowMs) {
        held.renewAtMs = nowMs + held.leaseMs / RENEWALS_PER_LEASE;
        send(host, held.initiator, { kind: 'renew', award: held.award, leaseMs: held.leaseMs }, 0);
      }
    }
    for (const given of [...this.#given.values()]) {
      if (given.lapsesAtMs > nowMs) continue;
      this.#given.delete(given.award);
      trace(host, given, 'lapsed', given.holder, [], `not renewed within ${given.leaseMs} ms`);
      this.#listener.lapsed(given, host);
    }
  }

  nextDeadlineMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    // An agent holds and gives few awards: roles, not pieces of work.
    if (this.#held.size > 0) {
      for (const held of this.#held.values()) {
        earliest = Math.min(earliest, held.renewAtMs, held.orphanedAtMs);
      }
    }
    if (this.#given.size > 0) {
      for (const given of this.#given.values()) earliest = Math.min(earliest, given.lapsesAtMs);
    }
    return earliest;
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
