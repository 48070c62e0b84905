import { hashing } from '../../adapters/keys/hashing.ts';
import { canonicalText } from '../../core/attestation/canonical-text.ts';
import { sampleSeedOf } from '../../core/attestation/decision-chain.ts';
import type { RoundState } from '../../core/attestation/ledger-model.ts';
import type { OutputRegister } from '../../core/attestation/output-register.ts';
import { isSameRegister } from '../../core/attestation/output-register.ts';
import { AgentConfigSchema } from '../../protocol/agent-control.ts';
import type { DecisionFindings, Reference } from '../../protocol/decision-disclosure.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { ABSTAINS, ZERO } from '../../protocol/ledger.ts';
import { sha256 } from '../guard/expected.ts';
import { imageOfDigest } from '../image/read-image.ts';
import { inTime } from '../in-time.ts';
import type { TrustView } from '../trust/trust-view.ts';
import type { DisclosureDesk } from './ask-disclosure.ts';
import type { OutputsDesk } from './ask-outputs.ts';
import { NOT_IN_TIME } from './re-execution-process.ts';
import type { ReExecutor } from './re-executor.ts';

/** What a verdict has to be on the ledger before its round's deadline, ms. */
const VERDICT_TAKES_MS = 2500;
/** Of the time that is left, what the execution may need after the disclosure is there, ms. */
const EXECUTION_TAKES_MS = 2500;
const LEAST_MS = 1000;

export interface AppraiserOptions {
  readonly trust: Pick<TrustView, 'state' | 'decisions'>;
  readonly desk: DisclosureDesk;
  readonly outputs: Pick<OutputsDesk, 'ask'>;
  readonly reExecutor: Pick<ReExecutor, 'appraise' | 'close'>;
  wallSeconds(): number;
}

/** What the evidence says by itself. */
export interface EvidenceFindings {
  /** Whether the answer opens the commit. */
  readonly binding: boolean;
  /** What speaks against the machine that the agent was measured on. */
  readonly trouble: string | undefined;
}

const NOT_DISCLOSED = 'it does not disclose its decisions';
const NOT_HEARD_OF = 'the daemon of its site has not heard of the head of its decisions';
const LATE: ReadonlySet<string> = new Set([NOT_DISCLOSED, NOT_HEARD_OF, NOT_IN_TIME]);

/** What a verdict rests on. Its text is canonical; the verdict carries the text's hash. */
export interface Appraisal {
  readonly pass: boolean;
  /** Nothing speaks against the agent but that what it has decided did not come, or was not executed again, in time. */
  readonly isLate: boolean;
  readonly text: string;
  readonly hash: Hex;
}

/** What decisions are executed again with; named by the digest that is on the ledger. */
interface ReferenceProgram {
  readonly imageDigest: Hex;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** A verifier's own part: the binding can be checked by anybody, the decisions behind a commit only by who is shown them. */
export class Appraiser {
  readonly #options: AppraiserOptions;
  /** The last that was read: agents of a pipeline have few images. */
  #program: ReferenceProgram | undefined;

  constructor(options: AppraiserOptions) {
    this.#options = options;
  }

  close(): void {
    this.#options.reExecutor.close();
  }

  /** Never throws: what goes wrong is a failure. */
  async appraise(
    round: RoundState,
    answer: Hex,
    evidence: EvidenceFindings,
    reference: Reference,
  ): Promise<Appraisal> {
    const sound = evidence.binding && evidence.trouble === undefined;
    const findings = sound ? await this.#decisions(round, answer, reference).catch(failure) : undefined;
    return appraisalOf(round.round, evidence, findings);
  }

  /** Undefined: the file holds another image. */
  async #programOf(file: string, imageDigest: Hex): Promise<ReferenceProgram | undefined> {
    if (this.#program?.imageDigest === imageDigest) return this.#program;
    const image = await imageOfDigest(file, imageDigest).catch(() => undefined);
    if (image === undefined) return undefined;
    this.#program = { imageDigest, bytes: image.bundle, sha256: image.manifest.bundleSha256 };
    return this.#program;
  }

  /** Undefined: there is nothing to execute again. */
  async #decisions(
    round: RoundState,
    answer: Hex,
    reference: Reference,
  ): Promise<DecisionFindings | undefined> {
    const { trust, desk, outputs, reExecutor, wallSeconds } = this.#options;
    const { agent: key, incarnation, evidence } = round;
    const agent = trust.state.agents.get(key);
    if (evidence === undefined || agent === undefined) return undefined;
    // Who was never attested has no key of the group yet: it has decided nothing. Who has none by its own will never does; one
    // that only names none any more has acted with those it had.
    const keys = [agent.kemKey, agent.frameKey, evidence.kemKey, evidence.frameKey];
    if (agent.validUntil === 0 || keys.every((each) => each === ZERO)) return undefined;
    const config = AgentConfigSchema.parse(JSON.parse(reference.config));
    if (config.draws === 0) return undefined;
    const head = evidence.decisionHead;
    if (head === ZERO) return failure('it states no head of its decisions');
    const block = trust.decisions.blockOf(key, round.round);
    const at = trust.state.guards.get(agent.guard)?.siteName;
    const program = await this.#programOf(reference.image, agent.imageDigest);
    if (program === undefined) return failure('the reference program is not the image on the ledger');
    if (block === undefined || at === undefined)
      return failure('the ledger does not tell where its guard is');
    const seed = sampleSeedOf(answer, block, hashing);
    const untilVerdictMs = () => 1000 * (round.verdictBy - wallSeconds()) - VERDICT_TAKES_MS;
    const withinMs = Math.max(LEAST_MS, untilVerdictMs() - EXECUTION_TAKES_MS);
    const came = outputs.ask({ at, agent: key, incarnation, head }, withinMs);
    const packed = await desk.ask({ at, round: round.round, answer, head, seed, withinMs });
    if (packed === undefined) return failure(NOT_DISCLOSED);
    const settled = trust.decisions.settledOf(key, incarnation);
    // Who gives no verdict at all counts as silent, though the machine may only be busy.
    const findings = await inTime(
      reExecutor.appraise(program, { config, head, settled, seed }, packed),
      failure(NOT_IN_TIME),
      Math.max(LEAST_MS, untilVerdictMs()),
    );
    return comparedWith(await came, findings);
  }
}

/** What it has decided to put out is compared with what the daemon of its site has seen. */
export function comparedWith(came: OutputRegister | undefined, findings: DecisionFindings): DecisionFindings {
  const { register, reason } = findings;
  if (reason !== undefined) return findings;
  if (register === undefined) return { ...findings, reason: 'it does not account for its outputs' };
  if (came === undefined) return { ...findings, reason: NOT_HEARD_OF };
  if (isSameRegister(came, register)) return findings;
  const counts = `${came.outputs} commands and messages have come out of it, it has decided ${register.outputs}`;
  const differs =
    came.outputs === register.outputs ? 'what has come out of it is not what it has decided' : counts;
  return { ...findings, reason: differs };
}

/** The appraisal of a round in which decisions were executed again, or, without findings, in which there were none to execute. */
export function appraisalOf(
  round: number,
  { binding, trouble }: EvidenceFindings,
  findings: DecisionFindings | undefined,
): Appraisal {
  const refused = trouble ?? findings?.reason;
  const pass = binding && refused === undefined;
  const { decisions: made, executed, register } = findings ?? {};
  const outputs = register === undefined ? {} : { outputs: register.outputs };
  const decisions =
    made === undefined || executed === undefined ? {} : { decisions: made, executed, ...outputs };
  const reason = refused === undefined ? {} : { reason: plain(refused) };
  const text = canonicalText({ round, pass, binding, ...decisions, ...reason });
  const isLate = binding && refused !== undefined && LATE.has(refused);
  return { pass, isLate, text, hash: `0x${sha256(text)}` };
}

/**
 * What a peer states with its verdict. Whether decisions are late or will never come, or would never have been executed to their end, a
 * verifier cannot tell: it abstains, and the registry asks again.
 */
export function hashToState({ isLate, hash }: Pick<Appraisal, 'isLate' | 'hash'>): Hex {
  return isLate ? ABSTAINS : hash;
}

/** It comes from what was disclosed, and is shown on terminals. */
function plain(reason: string): string {
  return reason.replace(/[\p{Cc}\p{Cs}]/gu, ' ');
}

function failure(error: unknown): DecisionFindings {
  const reason = error instanceof Error ? error.message : String(error);
  return { decisions: 0, executed: 0, reason: reason.slice(0, 400) };
}
