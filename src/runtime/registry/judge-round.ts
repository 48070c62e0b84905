import { hashing } from '../../adapters/keys/hashing.ts';
import { bindingOf } from '../../core/attestation/binding.ts';
import { answerTo } from '../../core/attestation/challenge.ts';
import type { RoundState } from '../../core/attestation/ledger-model.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Reference } from '../../protocol/decision-disclosure.ts';
import type { Hex, PipelineAddress } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { Appraiser } from '../decisions/appraise-decisions.ts';
import { appraisalOf } from '../decisions/appraise-decisions.ts';

/** What the registry needs of its account's ledger. */
export interface RegistryLedger extends Pick<Ledger, 'call'> {
  readonly pipeline: Pick<PipelineAddress, 'chainId' | 'attestation'>;
}

/** Whom the registry asks, and where its verdict goes. */
export interface JudgedWith {
  /** Of the account with the registry's role. */
  readonly ledger: RegistryLedger;
  /** What speaks against the machine that the agent of a round was measured on; absent: nobody asks. */
  platformTrouble?(round: RoundState): Promise<string | undefined>;
  /** Absent: the registry goes by the binding alone. */
  readonly appraiser?: Pick<Appraiser, 'appraise'>;
  /** What the verdict rests on, before it is given. */
  onAppraisal?(text: string): void;
}

/**
 * The registry's verdict on a round that has been committed; `executed`: what decisions are executed again with; `isAttested`: it was
 * so far. A text: why it was refused.
 */
export async function judgeRound(
  round: RoundState,
  known: { readonly reference: Hex; readonly executed: Reference | undefined; readonly isAttested: boolean },
  judgedWith: JudgedWith,
): Promise<string | undefined> {
  const { ledger, appraiser } = judgedWith;
  if (round.evidence === undefined) return 'nothing is committed';
  const answer = answerTo(round.nonce, known.reference, hashing);
  const { chainId, attestation: contract } = ledger.pipeline;
  const place = { chainId, contract, round: round.round, agent: round.agent };
  const trouble = await judgedWith.platformTrouble?.(round);
  const binding = bindingOf(place, round.evidence, answer, hashing) === round.binding;
  const { executed } = known;
  const appraisal =
    appraiser === undefined || executed === undefined
      ? appraisalOf(round.round, { binding, trouble }, undefined)
      : await appraiser.appraise(round, answer, { binding, trouble }, executed);
  const { pass, text, hash: appraisalHash } = appraisal;
  judgedWith.onAppraisal?.(text);
  if (appraisal.isLate && known.isAttested) {
    // On a busy machine an honest agent may be late: it is trusted no more, and may come back with the next round. Not twice.
    const reason = 'what it has decided did not come in time';
    const suspended = await ledger.call({ kind: 'suspend', agent: round.agent, reason });
    return suspended.ok ? undefined : suspended.error;
  }
  const result = await ledger.call({
    kind: 'verdict',
    round: round.round,
    verifier: ZERO,
    answer,
    pass,
    appraisalHash,
  });
  return result.ok ? undefined : result.error;
}
