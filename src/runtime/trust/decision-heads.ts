import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import type { AgentKey, Hex, LedgerBlock } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';

/**
 * Which head of its decisions each agent has settled by passing a round, and which block took the commit of each open round in. The
 * first round of an incarnation settles none: nobody has looked at what it stated there, and it could begin from a state of its own making.
 */
export class DecisionHeads {
  /** Of the incarnation that has passed a round last; zero after its first. */
  readonly #settled = new Map<AgentKey, { readonly incarnation: number; readonly head: Hex }>();
  /** By agent: it has one round at a time. */
  readonly #commits = new Map<AgentKey, { readonly round: number; readonly block: Hex }>();

  /** `state`: with that block in it. */
  apply(block: LedgerBlock, state: LedgerState): void {
    for (const { event } of block.entries) {
      if (event.kind === 'Committed') {
        this.#commits.set(event.agent, { round: event.round, block: block.hash });
      } else if (event.kind === 'RoundPassed') {
        const { agent, incarnation, round } = event;
        const isFirst = this.#settled.get(agent)?.incarnation !== incarnation;
        const head = isFirst ? ZERO : state.rounds.get(round)?.evidence?.decisionHead;
        if (head !== undefined) this.#settled.set(agent, { incarnation, head });
      }
    }
  }

  /** Zero: that incarnation has passed no round with one. */
  settledOf(agent: AgentKey, incarnation: number): Hex {
    const settled = this.#settled.get(agent);
    return settled?.incarnation === incarnation ? settled.head : ZERO;
  }

  blockOf(agent: AgentKey, round: number): Hex | undefined {
    const commit = this.#commits.get(agent);
    return commit?.round === round ? commit.block : undefined;
  }
}
