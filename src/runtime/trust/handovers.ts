import type { AgentState, LedgerState } from '../../core/attestation/ledger-model.ts';
import { needsEpoch } from '../../core/attestation/steward.ts';
import type { AgentKey, LedgerBlock } from '../../protocol/ledger.ts';

/** A successor that the group has no key for by then goes without the one before it, ms. */
export const HANDOVER_WITHIN_MS = 10_000;
/** Of past handovers, for who looks back at the members of the epoch before. */
const MOST_REMEMBERED = 256;

interface Handover {
  readonly before: AgentState;
  readonly untilMs: number;
}

/**
 * Successions that are not over: the ledger names the new incarnation already, the group's key is not sealed to it yet. For that
 * moment, and never longer than its own validity was, holders go by the incarnation before it, which nobody has accused of anything.
 */
export class Handovers {
  readonly #open = new Map<AgentKey, Handover>();
  readonly #past = new Map<string, string>();

  /** `validUntilMs`: how long whom the block replaces was attested, on the clock of `nowMs`. */
  apply(
    block: LedgerBlock,
    states: { readonly before: LedgerState; readonly after: LedgerState },
    nowMs: number,
    validUntilMs: (agent: AgentKey) => number,
  ): void {
    const fallen = new Set<AgentKey>();
    for (const { event } of block.entries) {
      switch (event.kind) {
        case 'Suspended':
        case 'Revoked':
        case 'ValidityExpired':
        case 'AgentWithdrawn':
        case 'AgentRegistered':
          fallen.add(event.agent);
          this.#open.delete(event.agent);
          break;
        case 'Succeeded': {
          const before = states.before.agents.get(event.agent);
          if (before?.status !== 'attested' || fallen.has(event.agent)) break;
          const untilMs = Math.min(nowMs + HANDOVER_WITHIN_MS, validUntilMs(event.agent));
          this.#open.set(event.agent, { before, untilMs });
          this.#past.set(nameOf(event.agent, before.incarnation), nameOf(event.agent, event.incarnation));
          for (const oldest of [...this.#past.keys()].slice(0, -MOST_REMEMBERED)) this.#past.delete(oldest);
          break;
        }
        default:
      }
    }
    if (!needsEpoch(states.after)) this.#open.clear();
  }

  /** The incarnation that acts still, and for how long at most. */
  of(agent: AgentKey, nowMs: number): Handover | undefined {
    const handover = this.#open.get(agent);
    return handover !== undefined && nowMs < handover.untilMs ? handover : undefined;
  }

  /** Whom an incarnation has handed over to, both as `nameOf` calls them. */
  successorOf(name: string): string | undefined {
    return this.#past.get(name);
  }
}

/** One incarnation of an agent. */
export function nameOf(agent: AgentKey, incarnation: number): string {
  return `${agent} ${incarnation}`;
}
