import { toHex } from '../../adapters/keys/hex.ts';
import type { KemKey } from '../../adapters/keys/kem-key.ts';
import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import type { AgentKey, Hex, LedgerEvent } from '../../protocol/ledger.ts';
import type { ShareRequest } from '../../protocol/share.ts';
import { openShares } from '../trust/dealt-shares.ts';
import type { Told } from '../trust/share-request.ts';
import { isSignedRequest, mayBeAnswered, roundToJudge, sealShare } from '../trust/share-request.ts';
import { WaitingRequests } from '../trust/waiting-requests.ts';

/** Agents whose shares are kept; a pipeline has no more. */
const MOST_AGENTS = 2000;
/** Of one agent: two batches, since the next is dealt before the ledger has its root. */
const MOST_NONCES = 512;
/** How often the same request is answered: what was told may have been lost on its way. */
const MOST_TIMES = 5;

export interface ShareKeeperOptions {
  readonly kemKey: KemKey;
  readonly site: string;
  /** Undefined: not known yet. */
  pipeline(): string | undefined;
  /** The final blocks that this daemon has read itself. */
  state(): LedgerState;
  give(round: number, to: Hex, sealed: Hex): void;
}

interface Kept {
  readonly incarnation: number;
  /** By nonce, the oldest first. */
  readonly shares: Map<Hex, Told>;
}

/**
 * A site's shares of the answers of other sites' agents. It gives one only for a round whose commit stands in a final block that it has
 * seen itself, and only to the guard of an agent that was elected to judge that round.
 */
export class ShareKeeper {
  readonly #options: ShareKeeperOptions;
  readonly #kept = new Map<AgentKey, Kept>();
  readonly #waiting = new WaitingRequests();
  /** How often each request was answered, while its round lasts. */
  readonly #given = new Map<string, { readonly round: number; times: number }>();

  constructor(options: ShareKeeperOptions) {
    this.#options = options;
  }

  /** Takes what the registry has dealt; false: it is not for this holder, or of an incarnation that is over. */
  async keep(agent: AgentKey, incarnation: number, sealed: Hex): Promise<boolean> {
    const { kemKey, site, pipeline } = this.#options;
    const name = pipeline();
    if (name === undefined) return false;
    const opened = await openShares(kemKey, { pipeline: name, site, agent, incarnation }, sealed);
    const place = this.#placeOf(agent, incarnation);
    const before = this.#kept.get(place);
    if (opened === undefined || (before?.incarnation ?? 0) > incarnation) return false;
    if (before === undefined && this.#kept.size >= MOST_AGENTS) return false;
    const [x, threshold, pairs] = opened;
    const shares = before?.incarnation === incarnation ? before.shares : new Map<Hex, Told>();
    for (const [nonce, bytes] of pairs) shares.set(toHex(nonce), { share: { x, bytes }, threshold });
    for (const oldest of shares.keys()) {
      if (shares.size <= MOST_NONCES) break;
      shares.delete(oldest);
    }
    this.#kept.set(place, { incarnation, shares });
    return true;
  }

  /** A successor has become the member: its shares are asked for under the member's key from now on. */
  succeeded({ agent, seat, incarnation }: Extract<LedgerEvent, { kind: 'Succeeded' }>): void {
    const kept = this.#kept.get(seat);
    if (kept?.incarnation !== incarnation) return;
    this.#kept.delete(seat);
    this.#kept.set(agent, kept);
  }

  /** What was dealt for a successor may come when the ledger already has it as the member. */
  #placeOf(agent: AgentKey, incarnation: number): AgentKey {
    const beside = seatBeside(agent);
    return this.#options.state().agents.get(beside)?.incarnation === incarnation ? beside : agent;
  }

  /** Resolves once what may be answered by now has been. */
  async ask(request: ShareRequest): Promise<void> {
    this.#waiting.put(this.#options.state(), request);
    await this.onBlock();
  }

  /** Answers whom it may by now, and forgets shares of rounds that are over. */
  async onBlock(): Promise<void> {
    const state = this.#options.state();
    const answers = this.#waiting.take(state).map((request) => this.#answer(request));
    for (const [id, { round }] of this.#given) if (!mayBeAnswered(state, round)) this.#given.delete(id);
    for (const round of state.rounds.values()) {
      if (!mayBeAnswered(state, round.round)) this.#kept.get(round.agent)?.shares.delete(round.nonce);
    }
    await Promise.all(answers);
  }

  async #answer(request: ShareRequest): Promise<void> {
    const { pipeline, state, give } = this.#options;
    const name = pipeline();
    const round = roundToJudge(state(), request);
    const told = round && this.#kept.get(round.agent)?.shares.get(round.nonce);
    const id = `${request.round} ${request.guard} ${request.kemKey}`;
    const given = this.#given.get(id) ?? { round: request.round, times: 0 };
    if (name === undefined || told === undefined || given.times >= MOST_TIMES) return;
    // Counted before the signature is looked at: several may be under way.
    given.times++;
    this.#given.set(id, given);
    if (!(await isSignedRequest(name, request))) {
      given.times--;
      return;
    }
    const sealed = await sealShare(name, request, told);
    if (sealed !== undefined) give(request.round, request.guard, sealed);
  }
}
