import { hashing } from '../../adapters/keys/hashing.ts';
import { answerHashOf } from '../../core/attestation/challenge.ts';
import { sampleSeedOf } from '../../core/attestation/decision-chain.ts';
import type { RoundState } from '../../core/attestation/ledger-model.ts';
import type { DisclosurePart, DisclosureWanted } from '../../protocol/decision-disclosure.ts';
import { REGISTRY } from '../../protocol/decision-disclosure.ts';
import type { AgentKey } from '../../protocol/ledger.ts';
import type { TrustView } from '../trust/trust-view.ts';
import type { GuardedAgent } from './guarded-agent.ts';

/** Requests that wait for a block that this guard has not seen yet. */
const MOST_EARLY = 64;
/** How often decisions behind one commit are disclosed to each that may judge it: one that asks without end leaves the others theirs. */
const MOST_TO_EACH = 4;

export interface DisclosingOptions {
  readonly trust: TrustView;
  readonly agents: ReadonlyMap<AgentKey, GuardedAgent>;
  reply(part: DisclosurePart): void;
}

/**
 * The attester's side of re-execution: has an agent disclose the decisions behind its commit once that is final, and only to those
 * who may judge it, if they know the answer of the round.
 */
export class Disclosing {
  readonly #options: DisclosingOptions;
  #early: DisclosureWanted[] = [];
  /** How often they were disclosed, by round and by who asked. */
  readonly #given = new Map<number, Map<string, number>>();

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
    const { request, from: to, kemKey } = wanted;
    const given = this.#given.get(round.round) ?? new Map<string, number>();
    const times = given.get(to) ?? 0;
    const { evidence, phase, incarnation } = round;
    if (phase !== 'committed' || evidence === undefined || block === undefined) return;
    if (!this.#mayJudge(round, to) || times >= MOST_TO_EACH) return;
    if (agent?.order.incarnation !== incarnation || answerHashOf(wanted.answer, hashing) !== round.answerHash)
      return;
    this.#given.set(round.round, given.set(to, times + 1));
    const seed = sampleSeedOf(wanted.answer, block, hashing);
    agent.disclose({ head: evidence.decisionHead, seed, kemKey }, (part) =>
      reply({ kind: 'disclosure-part', to, request, ...part }),
    );
  }

  /** The registry, or the site of a verifier. The answer alone does not tell: after a refusal it is on the ledger. */
  #mayJudge({ verifiers }: RoundState, from: string): boolean {
    const { agents, guards } = this.#options.trust.state;
    const sites = verifiers.map((each) => guards.get(agents.get(each)?.guard ?? '0x')?.siteName);
    return from === REGISTRY || sites.includes(from);
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
