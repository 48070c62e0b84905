import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import type { AgentKey, LedgerEvent } from '../../protocol/ledger.ts';
import type { TrustView } from '../trust/trust-view.ts';
import type { GuardedAgent } from './guarded-agent.ts';

/** The agents that run under one guard, by their place on the ledger. */
export class OwnAgents {
  readonly #current = new Map<AgentKey, GuardedAgent>();
  /** Those whose successor the ledger names already. */
  readonly #outgoing = new Map<AgentKey, GuardedAgent>();

  /** Whom the ledger means by a key, if it is here. */
  get current(): ReadonlyMap<AgentKey, GuardedAgent> {
    return this.#current;
  }

  /** Also those whose successor the ledger names already: they act until the group has a key for it. */
  all(): readonly GuardedAgent[] {
    return [...this.#current.values(), ...this.#outgoing.values()];
  }

  /** Takes one in. Its key may be that of another one: that goes first, by `drop`. */
  add(agent: GuardedAgent): void {
    this.#current.set(agent.key, agent);
  }

  drop(agent: GuardedAgent): void {
    for (const where of [this.#current, this.#outgoing])
      if (where.get(agent.key) === agent) where.delete(agent.key);
  }

  /** The ledger names the successor now; who was before it acts on until the group has a key for the new one. */
  succeed({ agent, seat, incarnation }: Extract<LedgerEvent, { kind: 'Succeeded' }>): void {
    const next = this.#current.get(seat);
    if (next?.order.incarnation !== incarnation) return;
    const before = this.#current.get(agent);
    this.#current.delete(seat);
    next.key = agent;
    this.#current.set(agent, next);
    if (before !== undefined) this.#outgoing.set(agent, before);
  }

  /** Those in whose place their successor acts by now. */
  replaced(trust: TrustView): readonly GuardedAgent[] {
    return [...this.#outgoing.values()].filter(
      ({ key, order }) => trust.attested(key)?.incarnation !== order.incarnation,
    );
  }

  /** Those that the ledger has thrown out. */
  revoked({ agents }: LedgerState): readonly GuardedAgent[] {
    return [...this.#current.values()].filter(({ key, order }) => {
      const known = agents.get(key);
      return known?.status === 'revoked' && known.incarnation === order.incarnation;
    });
  }
}
