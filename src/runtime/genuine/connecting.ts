import type { SiteNetwork } from './site-network.ts';
import type { Workflow } from './workflow.ts';

/** The step of the workflow at whose end the daemons of all sites have reached one another. */
export class Connecting {
  readonly #network: SiteNetwork;
  readonly #flow: Workflow;
  readonly #reached = new Set<string>();
  #proven: Promise<string> | undefined;

  constructor(network: SiteNetwork, flow: Workflow) {
    this.#network = network;
    this.#flow = flow;
  }

  /** Resolves once the network has been shown to carry what it should. Throws MusterError when it does not. */
  proven(): Promise<unknown> {
    this.#proven ??= this.#network.proven();
    // Whoever waits for it hears of it, also later.
    this.#proven.catch(() => {});
    return this.#proven;
  }

  /** The daemon of a site has reached `others` other sites; there are `all`. */
  reached(site: string, others: number, all: number): void {
    if (others === all - 1) this.#reached.add(site);
    if (this.#reached.size < all) return;
    const tell = (over: string) =>
      this.#flow.end('connect', `${all} site daemons have reached one another ${over}`);
    this.#proven?.then(tell, () => {});
  }
}
