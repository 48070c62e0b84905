import { MusterError } from '../../protocol/errors.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { TrustView } from '../trust/trust-view.ts';
import type { Enrolment } from './enrolment.ts';
import type { LiveSites } from './live-sites.ts';
import type { SiteNetwork } from './site-network.ts';

export interface SiteOpeningOptions {
  readonly network: SiteNetwork;
  readonly sites: LiveSites;
  readonly enrolment: Enrolment;
  readonly trust: TrustView;
  /** Whether the machines of sites are enrolled with their TPM, which is done before the pipeline starts. */
  readonly withTpm: boolean;
  /** Whether the daemon of a site has come up. */
  knows(site: string): boolean;
  /** Resolves once it holds; throws MusterError when it does not in time. */
  until(holds: () => boolean, what: string): Promise<void>;
  onPhase(text: string): void;
}

/** Sites that come while the pipeline runs: a place in its network, a daemon and a guard, whose account is enrolled. */
export class SiteOpening {
  readonly #options: SiteOpeningOptions;
  readonly #enrolled = new Set<Hex>();

  constructor(options: SiteOpeningOptions) {
    this.#options = options;
  }

  /**
   * Resolves once agents can be admitted at a site; at once where they can already. What has failed is gone on with when it is asked for again.
   * Throws MusterError.
   */
  async open(site: string): Promise<void> {
    const { network, sites, enrolment, knows, until, onPhase } = this.#options;
    if (!sites.names.includes(site)) {
      if (this.#options.withTpm) {
        throw new MusterError(
          'USAGE',
          `nothing runs at ${site}, and the TPM of a site is read before the pipeline starts`,
          {
            hint: 'name a host at the site of an agent',
          },
        );
      }
      await network.join(site);
      sites.add(site);
    }
    await until(() => sites.accountOf(site) !== undefined && knows(site), `${site} has a guard and a daemon`);
    const account = sites.accountOf(site);
    if (account === undefined || this.#isEnrolled(account)) return;
    await enrolment.enrol(site, account);
    this.#enrolled.add(account);
    const { listen } = network.placeOf(site);
    onPhase(`the site ${site} has joined${'host' in listen ? ` the VXLAN at ${listen.host}` : ''}`);
  }

  #isEnrolled(account: Hex): boolean {
    return this.#enrolled.has(account) || this.#options.trust.state.guards.get(account)?.enrolled === true;
  }
}
