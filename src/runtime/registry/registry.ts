import { hashing } from '../../adapters/keys/hashing.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import { sharePlanOf, sharesOfAnswer } from '../../core/attestation/answer-shares.ts';
import type { RoundState } from '../../core/attestation/ledger-model.ts';
import { referenceOf } from '../../core/attestation/reference.ts';
import type { Reference } from '../../protocol/decision-disclosure.ts';
import type { ImageManifest } from '../../protocol/image.ts';
import type { AgentKey, Hex, LedgerBlock, LedgerEvent } from '../../protocol/ledger.ts';
import type { TextSegment } from '../../protocol/measurement.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';
import { plannedClaims, sha256Bytes } from '../guard/expected.ts';
import { RoundsUnderWay } from '../trust/rounds-under-way.ts';
import type { Told } from '../trust/share-request.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { wallSeconds } from '../trust/trust-view.ts';
import { Incarnation } from './incarnation.ts';
import type { JudgedWith } from './judge-round.ts';
import { judgeRound } from './judge-round.ts';
import type { ReferenceStore } from './reference-store.ts';
import type { Dealt } from './share-out.ts';
import { shareOut } from './share-out.ts';

const LOOK_MS = 500;
const TICK_MOST = 32;
/** Time that the ledger hears nothing for 5 s in counts against nobody: while a round goes on it is told more often, s. */
const TICK_EVERY_S = 3;

export interface RegistryOptions extends JudgedWith {
  readonly trust: TrustView;
  /** Executable segments that the runtime of agents has on this kind of machine. */
  readonly segments: readonly TextSegment[];
  /** Seconds between two rounds of an agent. */
  readonly periodS: number;
  /** Where reference values are kept, and nowhere else in this process. */
  readonly store: ReferenceStore;
  /** Of the whole pipeline. */
  readonly sites: readonly string[];
  siteOf(agent: AgentKey): string;
  /** Gives a site's daemon its shares of the answers to these nonces. */
  deal(site: string, dealt: Dealt): void;
  onTrouble(text: string): void;
}

export interface Registration {
  readonly order: SpawnOrder;
  /** Of the image, which has been verified. */
  readonly manifest: ImageManifest;
  /** As the process will have them. */
  readonly argv: readonly string[];
  /** Of the program of the guard that will measure it. */
  readonly guardSha256: string;
  /** Of a program of its own; absent: those of the runtime. */
  readonly segments?: readonly TextSegment[];
}

/**
 * The SECaaS registry: keeps reference values, draws challenges, opens rounds that are due, and is the first verifier. It shares the answers out
 * among the daemons of other sites than the agent's, and forgets them. What it could still do: whoever takes it over with the key of
 * its store reads the reference values, and computes every answer from them.
 */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #incarnations = new Map<AgentKey, Incarnation>();
  /** When a round was last asked for, s: its event may come a moment after the call has ended. */
  readonly #asked = new Map<AgentKey, number>();
  readonly #judged: RoundsUnderWay<boolean>;
  readonly #timer: NodeJS.Timeout;
  #ticking = false;
  #tickedAt = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
    const { trust } = options;
    this.#judged = new RoundsUnderWay((round) => trust.state.rounds.get(round)?.phase === 'committed');
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Puts an incarnation and its first challenge on the ledger; resolves once that is final, with what went wrong if anything did. */
  async register(registration: Registration): Promise<string | undefined> {
    const { order, manifest, argv, guardSha256 } = registration;
    const { ledger, store, sites, siteOf } = this.#options;
    const segments = registration.segments ?? this.#options.segments;
    const planned = plannedClaims(order, manifest, manifest.bundleSha256, argv, guardSha256);
    const reference = toHex(referenceOf({ ...planned, segments }, sha256Bytes));
    const { key: agent, name, version, imageDigest } = order;
    try {
      await store.keep({ agent, name, incarnation: order.incarnation, version, imageDigest, reference });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const incarnation = new Incarnation(order, sharePlanOf(sites, siteOf(agent)));
    this.#incarnations.set(agent, incarnation);
    const { root, nonces } = incarnation.draw(reference);
    const registered = ledger.call({
      kind: 'registerIncarnation',
      agent: order.key,
      incarnation: order.incarnation,
      version,
      imageDigest,
      referenceCommitment: hashing.keccak256(reference),
      challengesRoot: root,
      challenges: incarnation.drawn,
    });
    // In the same block: transactions of one account keep their order.
    const opened = this.#openRound(order.key, incarnation);
    const result = await registered;
    const trouble = await opened;
    if (!result.ok) return result.error;
    // Nobody asks for a share before its next round: the first is judged here.
    this.#deal(agent, incarnation, reference, nonces);
    return trouble;
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
      const { store, onTrouble } = this.#options;
      store.move(event.seat, event.agent, event.incarnation).catch((error: unknown) => {
        onTrouble(error instanceof Error ? error.message : String(error));
      });
      return;
    }
    if (event.kind !== 'RoundOpened' && event.kind !== 'AgentRegistered' && event.kind !== 'ChallengesAdded')
      return;
    const incarnation = this.#incarnations.get(event.agent);
    if (incarnation?.order.incarnation !== event.incarnation) return;
    if (event.kind === 'RoundOpened') incarnation.used(event.index);
    else incarnation.rootSeen(event.challengesRoot);
  }

  /** What an agent's decisions are executed again with. */
  reExecutedWith(agent: AgentKey): Reference | undefined {
    const order = this.#incarnations.get(agent)?.order;
    return order === undefined ? undefined : { config: order.config, image: order.image };
  }

  /** The share of a round's answer that the registry itself holds; undefined: it does not know that round's agent. */
  async shareOf(round: Pick<RoundState, 'agent' | 'incarnation' | 'nonce'>): Promise<Told | undefined> {
    const incarnation = this.#incarnations.get(round.agent);
    if (incarnation?.order.incarnation !== round.incarnation) return undefined;
    const reference = await this.#referenceOf(round);
    if (reference === undefined) return undefined;
    const { plan } = incarnation;
    const share = sharesOfAnswer(reference, round.nonce, plan, hashing).at(-1);
    return share && { share, threshold: plan.threshold };
  }

  /** A site's daemon is there, maybe in place of one that has lost its shares: it is given those of all that may still be asked for. */
  async dealAgain(site: string): Promise<void> {
    for (const [agent, incarnation] of this.#incarnations) {
      const { order, plan } = incarnation;
      if (!plan.sites.includes(site)) continue;
      const reference = await this.#referenceOf({ agent, incarnation: order.incarnation });
      if (reference === undefined) continue;
      const dealt = shareOut(agent, incarnation, reference, incarnation.nonces()).get(site);
      if (dealt !== undefined) this.#options.deal(site, dealt);
    }
  }

  #deal(agent: AgentKey, incarnation: Incarnation, reference: Hex, nonces: readonly Hex[]): void {
    for (const [site, dealt] of shareOut(agent, incarnation, reference, nonces))
      this.#options.deal(site, dealt);
  }

  async #referenceOf(of: Pick<RoundState, 'agent' | 'incarnation'>): Promise<Hex | undefined> {
    try {
      return await this.#options.store.referenceOf(of.agent, of.incarnation);
    } catch (error) {
      this.#options.onTrouble(error instanceof Error ? error.message : String(error));
      return undefined;
    }
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
      this.#asked.set(agent.agent, now);
      void this.#nextRound(agent.agent, incarnation).then((error) => {
        if (error !== undefined) onTrouble(`no round could be opened for ${agent.name}: ${error}`);
      });
    }
    const isWaitedFor = now - this.#tickedAt >= TICK_EVERY_S && this.#isSlow(now);
    if (this.#ticking || !(isWaitedFor || this.#isOverdue(now))) return;
    this.#ticking = true;
    this.#tickedAt = now;
    void ledger.call({ kind: 'tick', most: TICK_MOST }).finally(() => {
      this.#ticking = false;
    });
  }

  /** Opens a round with the next challenge, of a new batch when the last is used up; a text: why not. */
  async #nextRound(agent: AgentKey, incarnation: Incarnation): Promise<string | undefined> {
    if (incarnation.isUsedUp()) {
      const { order } = incarnation;
      const reference = await this.#referenceOf({ agent, incarnation: order.incarnation });
      if (reference === undefined) return 'its reference value is not at hand';
      this.#deal(agent, incarnation, reference, incarnation.draw(reference).nonces);
    }
    const root = incarnation.rootToSend();
    if (root !== undefined) void this.#refill(agent, incarnation, root);
    return this.#openRound(agent, incarnation);
  }

  /** A round goes on for so long that nobody may have told the ledger meanwhile that time counts. */
  #isSlow(now: number): boolean {
    return [...this.#options.trust.state.rounds.values()].some(
      ({ phase, openedAt }) =>
        (phase === 'challenged' || phase === 'committed') && openedAt + TICK_EVERY_S <= now,
    );
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
    if (this.#judged.get(round.round) === true || round.evidence === undefined) return;
    this.#judged.set(round.round, true);
    const { onTrouble } = this.#options;
    const reference = await this.#referenceOf(round);
    if (reference === undefined) {
      this.#judged.set(round.round, false);
      return;
    }
    const executed = this.reExecutedWith(round.agent);
    const isAttested = this.#options.trust.state.agents.get(round.agent)?.status === 'attested';
    const refused = await judgeRound(round, { reference, executed, isAttested }, this.#options);
    if (refused !== undefined)
      onTrouble(`the registry's verdict on round ${round.round} was refused: ${refused}`);
  }
}
