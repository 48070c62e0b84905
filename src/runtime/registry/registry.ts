import { hashing } from '../../adapters/keys/hashing.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import { bindingOf } from '../../core/attestation/binding.ts';
import type { RoundState } from '../../core/attestation/ledger-model.ts';
import { referenceOf } from '../../core/attestation/reference.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Reference } from '../../protocol/decision-disclosure.ts';
import type { AgentKey, Hex, LedgerBlock, LedgerEvent } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { TextSegment } from '../../protocol/measurement.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';
import type { Appraiser } from '../decisions/appraise-decisions.ts';
import { appraisalOf } from '../decisions/appraise-decisions.ts';
import { plannedClaims, sha256Bytes } from '../guard/expected.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { wallSeconds } from '../trust/trust-view.ts';
import { Incarnation } from './incarnation.ts';

const LOOK_MS = 500;
const TICK_MOST = 32;

export interface RegistryOptions {
  /** Of the account with the registry's role. */
  readonly ledger: Ledger;
  readonly trust: TrustView;
  /** Executable segments that the runtime of agents has on this kind of machine. */
  readonly segments: readonly TextSegment[];
  /** Seconds between two rounds of an agent. */
  readonly periodS: number;
  /** What speaks against the machine that the agent of a round was measured on; absent: nobody asks. */
  platformTrouble?(round: RoundState): Promise<string | undefined>;
  onTrouble(text: string): void;
  /** Absent: the registry goes by the binding alone. */
  readonly appraiser?: Pick<Appraiser, 'appraise'>;
  onAppraisal?(text: string): void;
}

export interface Registration {
  readonly order: SpawnOrder;
  readonly version: number;
  readonly bundleSha256: string;
  /** As the process will have them. */
  readonly argv: readonly string[];
  /** Of the program of the guard that will measure it. */
  readonly guardSha256: string;
  /** Of a program of its own; absent: those of the runtime. */
  readonly segments?: readonly TextSegment[];
}

/**
 * The SECaaS registry: keeps reference values, draws challenges, opens rounds that are due, and is the first verifier.
 * It gives out an answer only for a round whose commit is final.
 */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #incarnations = new Map<AgentKey, Incarnation>();
  /** When a round was last asked for, s: its event may come a moment after the call has ended. */
  readonly #asked = new Map<AgentKey, number>();
  readonly #judged = new Set<number>();
  readonly #timer: NodeJS.Timeout;
  #ticking = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Puts an incarnation and its first challenge on the ledger; resolves once that is final, with what went wrong if anything did. */
  async register(registration: Registration): Promise<string | undefined> {
    const { order, version, bundleSha256, argv, guardSha256 } = registration;
    const { ledger } = this.#options;
    const segments = registration.segments ?? this.#options.segments;
    const claims = { ...plannedClaims(order, bundleSha256, argv, guardSha256), segments };
    const incarnation = new Incarnation(order, toHex(referenceOf(claims, sha256Bytes)));
    this.#incarnations.set(order.key, incarnation);
    const { root } = incarnation.draw();
    const registered = ledger.call({
      kind: 'registerIncarnation',
      agent: order.key,
      incarnation: order.incarnation,
      version,
      imageDigest: `0x${bundleSha256}`,
      referenceCommitment: incarnation.commitment(),
      challengesRoot: root,
      challenges: incarnation.drawn,
    });
    // In the same block: transactions of one account keep their order.
    const opened = this.#openRound(order.key, incarnation);
    const result = await registered;
    const trouble = await opened;
    return result.ok ? trouble : result.error;
  }

  onBlock(block: LedgerBlock): void {
    for (const { event } of block.entries) this.#remember(event);
    for (const round of this.#options.trust.state.rounds.values()) {
      if (round.phase !== 'committed') continue;
      if (round.verifiers.length === 0 || round.arbitrated) void this.#judge(round);
    }
    this.#look();
  }

  /** A successor is not to be attested any more; refused, when there is none. */
  giveUp(seat: AgentKey, reason: string): void {
    void this.#options.ledger.call({ kind: 'revoke', agent: seat, reason });
  }

  /** What has become of the challenges goes by the ledger alone: anybody may have sent what is on it. */
  #remember(event: LedgerEvent): void {
    if (event.kind === 'Succeeded') {
      const successor = this.#incarnations.get(event.seat);
      if (successor?.order.incarnation !== event.incarnation) return;
      this.#incarnations.delete(event.seat);
      this.#incarnations.set(event.agent, successor);
      return;
    }
    if (event.kind !== 'RoundOpened' && event.kind !== 'AgentRegistered' && event.kind !== 'ChallengesAdded')
      return;
    const incarnation = this.#incarnations.get(event.agent);
    if (incarnation?.order.incarnation !== event.incarnation) return;
    if (event.kind === 'RoundOpened') incarnation.used(event.index);
    else incarnation.rootSeen(event.challengesRoot);
  }

  /** The answer of a round, for the guard of one of its verifiers; undefined before the commit is final, or for anyone else. */
  answerFor(number: number, guard: Hex): { readonly answer: Hex; readonly reference: Reference } | undefined {
    const { state } = this.#options.trust;
    const round = state.rounds.get(number);
    if (round?.phase !== 'committed') return undefined;
    const isVerifier = round.verifiers.some((key) => state.agents.get(key)?.guard === guard);
    const answer = isVerifier ? this.#incarnations.get(round.agent)?.answerOf(round.nonce) : undefined;
    const reference = this.referenceOf(round.agent);
    return answer === undefined || reference === undefined ? undefined : { answer, reference };
  }

  /** What an agent's decisions are executed again with. */
  referenceOf(agent: AgentKey): Reference | undefined {
    const order = this.#incarnations.get(agent)?.order;
    return order === undefined ? undefined : { config: order.config, bundle: order.bundle };
  }

  /** Whether a round is still to come to its answer; one that nobody has seen yet may be. */
  mayBeAnswered(number: number): boolean {
    const phase = this.#options.trust.state.rounds.get(number)?.phase;
    return phase === undefined || phase === 'challenged' || phase === 'committed';
  }

  async #openRound(agent: AgentKey, incarnation: Incarnation): Promise<string | undefined> {
    const challenge = incarnation.take();
    if (challenge === undefined) return 'it has no challenge left';
    this.#asked.set(agent, wallSeconds());
    const { index, nonce, answerHash, proof } = challenge;
    const result = await this.#options.ledger.call({
      kind: 'openRound',
      agent,
      index,
      nonce,
      answerHash,
      proof,
    });
    if (result.ok) return undefined;
    incarnation.giveBack(challenge);
    return result.error;
  }

  /** Opens the rounds that are due, and ends those that are overdue. */
  #look(): void {
    const { trust, periodS, onTrouble, ledger } = this.#options;
    const now = wallSeconds();
    for (const agent of trust.state.agents.values()) {
      const incarnation = this.#incarnations.get(agent.agent);
      const { status } = agent;
      const asked = status === 'attested' || status === 'suspended' || status === 'registered';
      const known = incarnation?.order.incarnation === agent.incarnation;
      if (incarnation === undefined || !known || !asked || agent.round !== 0) continue;
      if (Math.max(agent.lastOpened, this.#asked.get(agent.agent) ?? 0) + periodS > now) continue;
      if (incarnation.isUsedUp()) incarnation.draw();
      const root = incarnation.rootToSend();
      if (root !== undefined) void this.#refill(agent.agent, incarnation, root);
      void this.#openRound(agent.agent, incarnation).then((error) => {
        if (error !== undefined) onTrouble(`no round could be opened for ${agent.name}: ${error}`);
      });
    }
    if (this.#ticking || !this.#isOverdue(now)) return;
    this.#ticking = true;
    void ledger.call({ kind: 'tick', most: TICK_MOST }).finally(() => {
      this.#ticking = false;
    });
  }

  #isOverdue(now: number): boolean {
    const { state } = this.#options.trust;
    const rounds = [...state.rounds.values()].some(({ phase, commitBy, verdictBy }) =>
      phase === 'challenged' ? commitBy < now : phase === 'committed' && verdictBy < now,
    );
    return (
      rounds ||
      [...state.agents.values()].some((each) => each.status === 'attested' && each.validUntil <= now)
    );
  }

  async #refill(agent: AgentKey, incarnation: Incarnation, root: Hex): Promise<void> {
    const result = await this.#options.ledger.call({
      kind: 'addChallenges',
      agent,
      incarnation: incarnation.order.incarnation,
      challengesRoot: root,
      challenges: incarnation.drawn,
    });
    // Sent again with the next round; a root that is there already is refused, and does no harm.
    if (result.ok) incarnation.rootSeen(root);
  }

  async #judge(round: RoundState): Promise<void> {
    if (this.#judged.has(round.round) || round.evidence === undefined) return;
    this.#judged.add(round.round);
    const { ledger, onTrouble } = this.#options;
    const answer = this.#incarnations.get(round.agent)?.answerOf(round.nonce);
    if (answer === undefined) return;
    const { chainId, attestation: contract } = ledger.pipeline;
    const place = { chainId, contract, round: round.round, agent: round.agent };
    const { appraiser, platformTrouble, onAppraisal } = this.#options;
    const trouble = await platformTrouble?.(round);
    const binding = bindingOf(place, round.evidence, answer, hashing) === round.binding;
    const reference = this.referenceOf(round.agent);
    const appraisal =
      appraiser === undefined || reference === undefined
        ? appraisalOf(round.round, { binding, trouble }, undefined)
        : await appraiser.appraise(round, answer, { binding, trouble }, reference);
    const { pass, text, hash: appraisalHash } = appraisal;
    onAppraisal?.(text);
    const call = {
      kind: 'verdict',
      round: round.round,
      verifier: ZERO,
      answer,
      pass,
      appraisalHash,
    } as const;
    const result = await ledger.call(call);
    if (!result.ok) onTrouble(`the registry's verdict on round ${round.round} was refused: ${result.error}`);
  }
}
