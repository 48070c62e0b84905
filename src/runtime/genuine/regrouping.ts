import { roundOrder } from '../../core/pipeline-plan/round-order.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { Enrolment } from './enrolment.ts';
import type { LiveSites } from './live-sites.ts';
import type { Roster } from './roster.ts';

export interface RegroupingOptions {
  readonly roster: Roster;
  readonly sites: LiveSites;
  readonly enrolment: Enrolment;
  /** Resolves once a site has a daemon and a guard that agents can be admitted behind. */
  openSite(site: string): Promise<void>;
  /** Starts the next incarnation of an agent and registers it. */
  place(agent: AgentId): void;
  /** Resolves once an agent has no process any more. */
  gone(agent: AgentId): Promise<void>;
}

/**
 * Agents that come, go and move while their pipeline runs: each way through the same steps as at its start, and with a new plan of
 * mutual rounds. One change after the other. Each throws MusterError when the ledger refuses it.
 */
export class Regrouping {
  readonly #options: RegroupingOptions;
  #queue: Promise<void> = Promise.resolve();

  constructor(options: RegroupingOptions) {
    this.#options = options;
  }

  /** Resolves once it is admitted and on its way. */
  add(spec: AgentSpec, site: string): Promise<void> {
    return this.#inTurn(() => this.#add(spec, site));
  }

  /** Resolves once it is out of the group and its process has ended. */
  remove(agent: AgentId, reason: string): Promise<void> {
    return this.#inTurn(() => this.#remove(agent, reason));
  }

  /** To another host, or with other capabilities: what it was ends, and its next incarnation is attested there. */
  move(spec: AgentSpec, site: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#options.openSite(site);
      await this.#remove(spec.name, `it goes on at ${spec.host}`);
      await this.#add(spec, site);
    });
  }

  /** Its incarnation is trusted no more from the next block on, and its guard ends it; another one is attested in its place. */
  revoke(agent: AgentId, reason: string): Promise<void> {
    return this.#inTurn(() => this.#options.enrolment.revoke(agent, reason));
  }

  /** Agents attest one another in this order from now on, until the next of them comes, goes or moves. */
  setOrder(order: readonly AgentId[]): Promise<void> {
    return this.#inTurn(() => this.#options.enrolment.plan(order));
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(change);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #add(spec: AgentSpec, site: string): Promise<void> {
    const { roster, enrolment, openSite, place } = this.#options;
    await openSite(site);
    await enrolment.admit(spec.name, site);
    roster.set(spec, site);
    this.#tell();
    await this.#plan();
    place(spec.name);
  }

  async #remove(agent: AgentId, reason: string): Promise<void> {
    const { roster, sites, enrolment, gone } = this.#options;
    roster.remove(agent);
    // First the trust, then the process: nobody takes anything from it any more.
    await enrolment.withdraw(agent, reason);
    const ended = gone(agent);
    sites.orderFor(agent, { kind: 'kill', agent, reason });
    await ended;
    roster.forget(agent);
    this.#tell();
    await this.#plan();
  }

  #tell(): void {
    const { roster, sites } = this.#options;
    const sitesOf = Object.fromEntries(roster.siteOf);
    const message = { kind: 'agents' as const, agents: [...roster.specs], sites: sitesOf };
    sites.broadcast(message);
    sites.tellGuards(message);
  }

  async #plan(): Promise<void> {
    const { roster, enrolment } = this.#options;
    await enrolment.plan(roundOrder(roster.siteOf));
  }
}
