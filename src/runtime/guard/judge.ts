import { hashing } from '../../adapters/keys/hashing.ts';
import type { KemKey } from '../../adapters/keys/kem-key.ts';
import { bindingOf } from '../../core/attestation/binding.ts';
import { answerHashOf } from '../../core/attestation/challenge.ts';
import type { AgentKey, Hex } from '../../protocol/ledger.ts';
import type { FromGuard, ToGuard } from '../../protocol/site-control.ts';
import type { Appraiser } from '../decisions/appraise-decisions.ts';
import { hashToState } from '../decisions/appraise-decisions.ts';
import { platformTrouble } from '../trust/platform.ts';
import { RoundsUnderWay } from '../trust/rounds-under-way.ts';
import { shareRequest } from '../trust/share-request.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import type { Case } from './case-file.ts';
import { CaseFile } from './case-file.ts';
import type { GuardedAgent } from './guarded-agent.ts';
import type { PipelineLink } from './pipeline-link.ts';
import { ShareCollector } from './share-collector.ts';

/** Shares that do not come are asked for again after so long: their holder may have been away. */
const ASK_AGAIN_MS = 1500;

export interface JudgeOptions {
  /** Of this guard: those of them that are elected verify others. */
  readonly agents: ReadonlyMap<AgentKey, GuardedAgent>;
  readonly trust: TrustView;
  /** Undefined: not told yet. */
  link(): PipelineLink | undefined;
  /** The guard's account, its key, and what shares of answers are sealed to. */
  readonly account: Hex;
  readonly privateKey: Hex;
  readonly kemKey: KemKey;
  readonly appraiser: Pick<Appraiser, 'appraise'>;
  report(message: FromGuard): void;
  log(text: string): void;
}

/** Speaks for those agents of its guard that are elected to verify others: has the answer opened, appraises, and gives the verdict. */
export class Judge {
  readonly #options: JudgeOptions;
  /** For which verifiers each round was judged: one may be followed by another of this guard. */
  readonly #judged: RoundsUnderWay<readonly AgentKey[]>;
  readonly #shares: ShareCollector;
  readonly #cases: CaseFile;
  /** When shares of each round were last asked for, ms. */
  readonly #askedAt: RoundsUnderWay<number>;

  constructor(options: JudgeOptions) {
    this.#options = options;
    const { kemKey, account, trust } = options;
    const isOpen = (round: number) => trust.state.rounds.get(round)?.phase === 'committed';
    this.#cases = new CaseFile(isOpen);
    this.#judged = new RoundsUnderWay(isOpen);
    this.#askedAt = new RoundsUnderWay(isOpen);
    this.#shares = new ShareCollector({
      kemKey,
      account,
      state: () => trust.state,
      onWrong: (round, holder) => options.report({ kind: 'wrong-share', round, holder }),
    });
  }

  /** Asks for shares of the answers of rounds that an agent of this guard is to judge, once their commit is final. */
  askForAnswers(): void {
    const { state } = this.#options.trust;
    for (const { round, phase, verifiers } of state.rounds.values()) {
      if (phase !== 'committed') continue;
      const ours = this.#ours(round, verifiers).length > 0;
      if (!ours) continue;
      if (this.#cases.of(round) === undefined) void this.#askForShares(round);
      else this.#judgeIfReady(round);
    }
  }

  async takeShare({ round, holder, sealed }: Extract<ToGuard, { kind: 'share' }>): Promise<void> {
    const name = this.#options.link()?.told.name;
    const answer = name === undefined ? undefined : await this.#shares.take(name, round, holder, sealed);
    if (answer === undefined) return;
    this.#cases.put(round, { answer });
    this.#judgeIfReady(round);
  }

  takeCase(told: Extract<ToGuard, { kind: 'case' }>): void {
    this.#cases.put(told.round, { told });
    this.#judgeIfReady(told.round);
  }

  async #askForShares(round: number): Promise<void> {
    const { account, privateKey, kemKey, report } = this.#options;
    const name = this.#options.link()?.told.name;
    const nowMs = monotonicMs();
    if (name === undefined || nowMs - (this.#askedAt.get(round) ?? -ASK_AGAIN_MS) < ASK_AGAIN_MS) return;
    this.#askedAt.set(round, nowMs);
    const request = await shareRequest(name, round, { account, privateKey, kemKey: kemKey.publicKey });
    report({ kind: 'shares-wanted', request });
  }

  /** The answer comes from the holders of shares, what else is needed from the registry: in either order. */
  #judgeIfReady(round: number): void {
    const found = this.#cases.of(round);
    if (found !== undefined) void this.#judge(round, found);
  }

  async #judge(number: number, { answer, told: { reference, quote } }: Case): Promise<void> {
    const { trust, appraiser, report, log } = this.#options;
    const { state } = trust;
    const round = state.rounds.get(number);
    const link = this.#options.link();
    if (round?.phase !== 'committed' || round.evidence === undefined || link === undefined) return;
    if (answerHashOf(answer, hashing) !== round.answerHash) return;
    const { ledger, told } = link;
    const { chainId, attestation: contract } = ledger.pipeline;
    const place = { chainId, contract, round: number, agent: round.agent };
    const ours = this.#ours(number, round.verifiers);
    if (ours.length === 0) return;
    this.#judged.set(number, [...(this.#judged.get(number) ?? []), ...ours]);
    const guard = state.guards.get(state.agents.get(round.agent)?.guard ?? '0x');
    const trouble = await platformTrouble({ guard, round, quote, platforms: told.platforms ?? {} });
    const binding = bindingOf(place, round.evidence, answer, hashing) === round.binding;
    const appraisal = await appraiser.appraise(round, answer, { binding, trouble }, reference);
    const { pass, text } = appraisal;
    const appraisalHash = hashToState(appraisal);
    report({ kind: 'appraisal', text });
    for (const verifier of ours) {
      const result = await ledger.call({
        kind: 'verdict',
        round: number,
        verifier,
        answer,
        pass,
        appraisalHash,
      });
      if (!result.ok) log(`the verdict on round ${number} was refused: ${result.error}`);
    }
  }

  /** Those of this guard's agents among the verifiers for whom the round has not been judged. */
  #ours(round: number, verifiers: readonly AgentKey[]): readonly AgentKey[] {
    const { agents } = this.#options;
    const judged = this.#judged.get(round) ?? [];
    return verifiers.filter((each) => agents.has(each) && !judged.includes(each));
  }
}
