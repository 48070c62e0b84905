import type { RoundState } from '../../core/attestation/ledger-model.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { ShareRequest } from '../../protocol/share.ts';
import type { Told } from '../trust/share-request.ts';
import { isSignedRequest, roundToJudge, sealShare } from '../trust/share-request.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { WaitingRequests } from '../trust/waiting-requests.ts';

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
  readonly #waiting = new WaitingRequests();

  constructor(options: ShareDeskOptions) {
    this.#options = options;
  }

  ask(site: string, request: ShareRequest): void {
    const { accountOf, pass, trust } = this.#options;
    if (accountOf(site) !== request.guard) return;
    pass(request);
    this.#waiting.put(trust.state, request);
    this.serve();
  }

  /** Gives the registry's share to whom it may be given by now. */
  serve(): void {
    for (const request of this.#waiting.take(this.#options.trust.state)) void this.#answer(request);
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
