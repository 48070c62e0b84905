import { hashing } from '../../adapters/keys/hashing.ts';
import { answerHashOf } from '../../core/attestation/challenge.ts';
import { sampleSeedOf } from '../../core/attestation/decision-chain.ts';
import type { DisclosurePart, DisclosureWanted } from '../../protocol/decision-disclosure.ts';
import type { AgentKey } from '../../protocol/ledger.ts';
import type { TrustView } from '../trust/trust-view.ts';
import type { GuardedAgent } from './guarded-agent.ts';

/** Requests that wait for a block that this guard has not seen yet. */
const MOST_EARLY = 64;
/** How often decisions behind one commit are disclosed: to its verifiers, those after them, the registry, and to each again. */
const MOST_A_ROUND = 16;

export interface DisclosingOptions {
  readonly trust: TrustView;
  readonly agents: ReadonlyMap<AgentKey, GuardedAgent>;
  reply(part: DisclosurePart): void;
}

/**
 * The attester's side of re-execution: has an agent disclose the decisions behind its commit once that is final, and only to who
 * knows the answer of the round, which nobody but those who may judge it do before a verdict.
 */
export class Disclosing {
  readonly #options: DisclosingOptions;
  #early: DisclosureWanted[] = [];
  readonly #given = new Map<number, number>();

  constructor(options: DisclosingOptions) {
    this.#options = options;
  }

  take(wanted: DisclosureWanted): void {
    const { trust, agents, reply } = this.#options;
    const round = trust.state.rounds.get(wanted.round);
    if (round === undefined || round.phase === 'challenged') {
      if (this.#early.length < MOST_EARLY) this.#early.push(wanted);
      return;
    }
    const agent = agents.get(round.agent);
    const block = trust.decisions.blockOf(round.agent, round.round);
    const given = this.#given.get(round.round) ?? 0;
    const { evidence, phase, incarnation } = round;
    if (phase !== 'committed' || evidence === undefined || block === undefined || given >= MOST_A_ROUND)
      return;
    if (agent?.order.incarnation !== incarnation || answerHashOf(wanted.answer, hashing) !== round.answerHash)
      return;
    this.#given.set(round.round, given + 1);
    const { request, from: to, kemKey } = wanted;
    const seed = sampleSeedOf(wanted.answer, block, hashing);
    agent.disclose({ head: evidence.decisionHead, seed, kemKey }, (part) =>
      reply({ kind: 'disclosure-part', to, request, ...part }),
    );
  }

  /** The ledger has said more: what came too early is looked at again, and what is over forgotten. */
  onBlock(): void {
    const { trust } = this.#options;
    const early = this.#early;
    this.#early = [];
    for (const wanted of early) this.take(wanted);
    for (const round of this.#given.keys()) {
      if (trust.state.rounds.get(round)?.phase !== 'committed') this.#given.delete(round);
    }
  }
}
