import { REGISTRY } from '../../protocol/decision-disclosure.ts';
import type { Hex, LedgerBlock } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { TextSegment } from '../../protocol/measurement.ts';
import { Appraiser } from '../decisions/appraise-decisions.ts';
import { DisclosureDesk } from '../decisions/ask-disclosure.ts';
import { OutputsDesk } from '../decisions/ask-outputs.ts';
import { ReExecutor } from '../decisions/re-executor.ts';
import type { RegistryLedger } from '../registry/judge-round.ts';
import type { ReferenceStore } from '../registry/reference-store.ts';
import { Registry } from '../registry/registry.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { wallSeconds } from '../trust/trust-view.ts';
import type { LiveSites } from './live-sites.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import type { Platforms } from './platforms.ts';
import type { Roster } from './roster.ts';
import { ShareDealer } from './share-dealer.ts';
import { ShareDesk } from './share-desk.ts';

export interface RegistryOfficeOptions extends Pick<PipelineOptions, 'onNote' | 'onAppraisal'> {
  readonly trust: TrustView;
  readonly roster: Pick<Roster, 'siteOfKey'>;
  readonly platforms: Platforms;
  /** Seconds between two rounds of an agent. */
  readonly periodS: number;
  /** Undefined: they have not been started. */
  sites(): Pick<LiveSites, 'send' | 'broadcast' | 'accountOf' | 'tellGuard' | 'tellGuardAt'> | undefined;
}

/** What the registry needs in order to work. */
export interface Opening {
  /** Of the account with the registry's role. */
  readonly ledger: RegistryLedger;
  /** Chain, genesis and contract: what is signed and sealed is bound to it. */
  readonly name: string;
  readonly segments: readonly TextSegment[];
  readonly store: ReferenceStore;
  /** Of the whole pipeline. */
  readonly sites: readonly string[];
}

/** The registry, and all by which daemons and guards have to do with it: shares of answers, disclosures, quotes, and what a round is judged by. */
export class RegistryOffice {
  readonly platforms: Platforms;
  readonly disclosures: DisclosureDesk;
  readonly outputs: OutputsDesk;
  readonly shares: ShareDesk;
  readonly #options: RegistryOfficeOptions;
  readonly #dealer: ShareDealer;
  #name: string | undefined;
  #registry: Registry | undefined;
  #close = (): void => {};

  constructor(options: RegistryOfficeOptions) {
    this.#options = options;
    const { trust, sites } = options;
    this.platforms = options.platforms;
    this.disclosures = new DisclosureDesk({
      from: REGISTRY,
      send: (wanted) => sites()?.tellGuardAt(wanted.at, wanted),
    });
    this.outputs = new OutputsDesk({
      from: REGISTRY,
      send: (wanted) => sites()?.send(wanted.at, wanted),
    });
    this.shares = new ShareDesk({
      trust,
      pipeline: () => this.#name,
      shareOf: async (round) => this.#registry?.shareOf(round),
      accountOf: (site) => sites()?.accountOf(site),
      onJudge: (guard, round) => void this.#tellCase(guard, round),
      pass: (request) => sites()?.broadcast({ kind: 'shares-wanted', request }),
      give: (guard, round, holder, sealed) =>
        sites()?.tellGuard(guard, { kind: 'share', round, holder, sealed }),
    });
    this.#dealer = new ShareDealer({
      pipeline: () => this.#name,
      send: (site, message) => sites()?.send(site, message),
    });
  }

  /** Undefined: it has not been opened. */
  get registry(): Registry | undefined {
    return this.#registry;
  }

  /** The daemon of a site has come up, and holds shares that are sealed to that key. */
  takeHolder(site: string, kemKey: Hex): void {
    this.#dealer.learn(site, kemKey);
    void this.#registry?.dealAgain(site);
  }

  /** Whether the daemon of a site can be dealt shares. */
  knowsHolder(site: string): boolean {
    return this.#dealer.knows(site);
  }

  open({ ledger, name, segments, store, sites }: Opening): void {
    const { trust, roster, periodS, platforms, onNote, onAppraisal } = this.#options;
    this.#name = name;
    const [desk, outputs, reExecutor] = [this.disclosures, this.outputs, new ReExecutor()];
    const appraiser = new Appraiser({ trust, desk, outputs, reExecutor, wallSeconds });
    const registry = new Registry({
      ledger,
      appraiser,
      onAppraisal: (text) => onAppraisal?.(text),
      trust,
      segments,
      periodS,
      platformTrouble: (round) => platforms.trouble(trust.state, round),
      store,
      sites,
      siteOf: (agent) => roster.siteOfKey(agent) ?? '',
      deal: (site, dealt) => void this.#dealer.deal(site, dealt),
      onTrouble: onNote,
    });
    this.#registry = registry;
    this.#close = () => {
      registry.close();
      appraiser.close();
    };
  }

  onBlock(block: LedgerBlock): void {
    this.#registry?.onBlock(block);
    this.shares.serve();
  }

  close(): void {
    this.#close();
  }

  /** Whoever judges a round gets its answer from the holders of shares, and what else it goes by from here. */
  async #tellCase(guard: Hex, round: number): Promise<void> {
    const { trust, sites } = this.#options;
    const { state } = trust;
    const reference = this.#registry?.reExecutedWith(state.rounds.get(round)?.agent ?? ZERO);
    if (reference === undefined) return;
    const quote = await this.platforms.quoteFor(state, round);
    const told = { kind: 'case', round, reference } as const;
    sites()?.tellGuard(guard, quote === undefined ? told : { ...told, quote });
  }
}
