import { randomBytes } from 'node:crypto';
import { hashing } from '../../adapters/keys/hashing.ts';
import { fromHex, toHex } from '../../adapters/keys/hex.ts';
import { bindingOf } from '../../core/attestation/binding.ts';
import { answerHashOf, answerTo } from '../../core/attestation/challenge.ts';
import type { RoundState } from '../../core/attestation/ledger-model.ts';
import { referenceOf } from '../../core/attestation/reference.ts';
import type { EvidenceSource } from '../../ports/evidence-source.ts';
import type { AgentKey, Evidence } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { FromGuard } from '../../protocol/site-control.ts';
import { quoteHashOf, quoteToSend } from '../trust/platform.ts';
import { RoundsUnderWay } from '../trust/rounds-under-way.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { plannedClaims, sha256, sha256Bytes } from './expected.ts';
import type { GuardedAgent } from './guarded-agent.ts';
import type { PipelineLink } from './pipeline-link.ts';

/** How often a commit that was not taken is tried again. */
const MOST_COMMITS = 3;

export interface CommittingOptions {
  readonly source: EvidenceSource;
  readonly agents: ReadonlyMap<AgentKey, GuardedAgent>;
  readonly trust: TrustView;
  /** Undefined: not told yet. */
  link(): PipelineLink | undefined;
  /** Of this guard's own program. */
  readonly guardSha256: string;
  report(message: FromGuard): void;
  log(text: string): void;
  /** The agent is dead already: this was found about it. */
  onFinding(agent: GuardedAgent, reason: string): void;
}

/** The attester's side of a round: measures the agent that is challenged, and commits the evidence and what binds it to the answer. */
export class Committing {
  readonly #options: CommittingOptions;
  /** How often each round was tried; below zero while it is, or once it is done: a block that is told again changes nothing. */
  readonly #answered: RoundsUnderWay<number>;

  constructor(options: CommittingOptions) {
    this.#options = options;
    const { trust } = options;
    this.#answered = new RoundsUnderWay((round) => trust.state.rounds.get(round)?.phase === 'challenged');
  }

  /** Commits to every challenge of an agent of this guard that has not been answered. */
  answerRounds(): void {
    const { agents, trust } = this.#options;
    for (const round of trust.state.rounds.values()) {
      const agent = agents.get(round.agent);
      if (agent?.handle === undefined || round.phase !== 'challenged') continue;
      const tries = this.#answered.get(round.round) ?? 0;
      if (agent.order.incarnation !== round.incarnation || tries < 0 || tries >= MOST_COMMITS) continue;
      // Under way: below zero.
      this.#answered.set(round.round, -tries - 1);
      void this.#commit(agent, round);
    }
  }

  async #commit(agent: GuardedAgent, round: RoundState): Promise<void> {
    const { source, guardSha256, trust, report, log, onFinding } = this.#options;
    const { handle, order, manifest } = agent;
    const ledger = this.#options.link()?.ledger;
    const nonce = fromHex(round.nonce, 32);
    if (handle === undefined || manifest === undefined || ledger === undefined || nonce === undefined) return;
    const measured = await source.measure(handle, nonce).catch((error: unknown) => {
      // Whatever stands behind this guard does not answer: no commit without it.
      log(`${order.name} is not committed in round ${round.round}: ${String(error).slice(0, 500)}`);
      this.#tryAgain(round);
    });
    if (measured === undefined) return;
    if (!measured.ok) {
      onFinding(agent, measured.measurement.findings.map((each) => each.sentence).join('; '));
      return;
    }
    const claims = {
      ...plannedClaims(order, manifest, handle.bundleSha256, handle.argv, guardSha256),
      segments: measured.measurement.parts.segments,
    };
    const answer = answerTo(round.nonce, toHex(referenceOf(claims, sha256Bytes)), hashing);
    const said =
      agent.kemKey === ZERO ? undefined : await agent.ask((request) => ({ kind: 'evidence', request }));
    if (agent.kemKey !== ZERO && said?.kind !== 'evidence') {
      // A process that is held still is measured as genuine, but is not one that acts: it misses the round.
      log(`${order.name} does not answer its guard: no commit in round ${round.round}`);
      this.#tryAgain(round);
      return;
    }
    const quote = measured.quote === undefined ? undefined : quoteToSend(measured.quote);
    // Before the commit that it belongs to: whoever judges that has it at hand.
    if (quote !== undefined) report({ kind: 'quote', round: round.round, quote });
    const evidence: Evidence = {
      bootId: `0x${sha256(handle.bootId)}`,
      pid: handle.pid,
      startTime: handle.startTime,
      incarnation: order.incarnation,
      decisionHead: said?.kind === 'evidence' ? said.decisionHead : ZERO,
      kemKey: agent.kemKey,
      frameKey: agent.frameKey,
      quoteHash: quote === undefined ? ZERO : quoteHashOf(quote),
    };
    const { chainId, attestation: contract } = ledger.pipeline;
    const binding = bindingOf(
      { chainId, contract, round: round.round, agent: round.agent },
      evidence,
      answer,
      hashing,
    );
    agent.settleDraw((each) => trust.state.rounds.get(each)?.binding);
    const reveal = agent.draw;
    const next = toHex(randomBytes(32));
    const nextDraw = answerHashOf(next, hashing);
    const result = await ledger.call({
      kind: 'commit',
      round: round.round,
      evidence,
      binding,
      reveal,
      nextDraw,
    });
    // A commit whose fate is unknown may still have happened: the ledger's event says which draw it has promised.
    if (result.ok || trust.state.rounds.get(round.round)?.binding === binding) agent.draw = next;
    else {
      agent.maybeDrawn = { binding, draw: next, round: round.round };
      this.#tryAgain(round);
    }
    if (!result.ok) log(`the commit of ${order.name} in round ${round.round} was refused: ${result.error}`);
  }

  #tryAgain({ round }: RoundState): void {
    this.#answered.set(round, -(this.#answered.get(round) ?? 0));
  }
}
