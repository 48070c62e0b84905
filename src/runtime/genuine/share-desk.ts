import type { RoundState } from '../../core/attestation/ledger-model.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { ShareRequest } from '../../protocol/share.ts';
import type { Told } from '../trust/share-request.ts';
import { isSignedRequest, mayBeAnswered, roundToJudge, sealShare } from '../trust/share-request.ts';
import type { TrustView } from '../trust/trust-view.ts';

/** Requests that may wait at a time for a block that this process has not seen yet. */
const MOST_WAITING = 1000;

/** The registry among the holders. */
export const REGISTRY_HOLDER = 'the registry';

export interface ShareDeskOptions {
  readonly trust: TrustView;
  /** Undefined: not known yet. */
  pipeline(): string | undefined;
  /** The registry's own share of a round's answer; undefined: there is none. */
  shareOf(round: RoundState): Promise<Told | undefined>;
  accountOf(site: string): Hex | undefined;
  /** Passes a request on to the daemons of all sites. */
  pass(request: ShareRequest): void;
  /** A guard asks that may judge that round. */
  onJudge(guard: Hex, round: number): void;
  /** To the guard with that account. */
  give(guard: Hex, round: number, holder: string, sealed: Hex): void;
}

/** Passes on what guards ask of the holders of shares, and answers for the registry, which is one of them. It reads none of what it passes on. */
export class ShareDesk {
  readonly #options: ShareDeskOptions;
  /** By round and guard: who asks again takes the place of who asked. */
  readonly #waiting = new Map<string, ShareRequest>();

  constructor(options: ShareDeskOptions) {
    this.#options = options;
  }

  ask(site: string, request: ShareRequest): void {
    const { accountOf, pass } = this.#options;
    if (accountOf(site) !== request.guard) return;
    pass(request);
    const id = `${request.round} ${request.guard}`;
    if (this.#waiting.has(id) || this.#waiting.size < MOST_WAITING) this.#waiting.set(id, request);
    this.serve();
  }

  /** Gives the registry's share to whom it may be given by now. */
  serve(): void {
    const { state } = this.#options.trust;
    for (const [id, request] of this.#waiting) {
      if (!mayBeAnswered(state, request.round)) this.#waiting.delete(id);
      if (roundToJudge(state, request) === undefined) continue;
      this.#waiting.delete(id);
      void this.#answer(request);
    }
  }

  async #answer(request: ShareRequest): Promise<void> {
    const { trust, pipeline, shareOf, give, onJudge } = this.#options;
    const name = pipeline();
    const round = roundToJudge(trust.state, request);
    if (name === undefined || round === undefined || !(await isSignedRequest(name, request))) return;
    onJudge(request.guard, request.round);
    const told = await shareOf(round);
    const sealed = told && (await sealShare(name, request, told));
    if (sealed !== undefined) give(request.guard, request.round, REGISTRY_HOLDER, sealed);
  }
}
