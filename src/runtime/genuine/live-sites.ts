import { join } from 'node:path';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { PeerSite } from '../../protocol/peer-site.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { FromGuard, FromSite, ToGuard, ToSite } from '../../protocol/site-control.ts';
import { FromGuardSchema, FromSiteSchema } from '../../protocol/site-control.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import type { Programs } from './build-programs.ts';
import type { SiteNetwork } from './site-network.ts';
import type { SiteProcess } from './site-process.ts';
import { startSiteProcess } from './site-process.ts';
import { SitePulse } from './site-pulse.ts';

const BACK_AFTER_MS = 300;
type GuardHello = Extract<FromGuard, { kind: 'guard' }>;
type Pipeline = Extract<ToSite & ToGuard, { kind: 'pipeline' }>;
/** What daemons and guards say after they have said that they are there. */
export type SiteNews = Exclude<FromSite, { kind: 'holder' | 'pong' }> | Exclude<FromGuard, { kind: 'guard' }>;
/** What is said in the name of an agent; `refused` is not: it names whoever was refused, who may be from anywhere. */
type SaidForAgent = Extract<SiteNews, { agent: AgentId }>;
/** All of them: the compiler sees to it. */
const SAID_FOR_AN_AGENT: Readonly<Record<SaidForAgent['kind'], true>> = {
  act: true,
  abort: true,
  award: true,
  telemetry: true,
  started: true,
  exited: true,
  keyed: true,
  welcomed: true,
};

export interface LiveSitesOptions {
  readonly siteOf: ReadonlyMap<AgentId, string>;
  /** The agents that there are now. */
  specs(): readonly AgentSpec[];
  /** For the sockets of agents. */
  readonly dir: string;
  /** What joins the daemons. */
  readonly network: SiteNetwork;
  readonly programs: Pick<Programs, 'siteDaemon' | 'guard'>;
  /** Who must have signed what guards start: ed25519, SPKI in base64. */
  readonly operatorKey: string;
  /** Where the TPM of a site is reached; undefined: it has none. */
  tpmOf?(site: string): string | undefined;
  /** What a site says that it may say. */
  onMessage(site: string, message: SiteNews): void;
  /** A guard has come up; `before`: the one of the same site that it takes the place of. */
  onGuard(site: string, guard: GuardHello, before: GuardHello | undefined): void;
  /** A daemon has come up, and holds shares that are sealed to that key. */
  onHolder(site: string, kemKey: Hex): void;
  onFault(fault: string, subject: string, reason: string): void;
  /** The daemon of a site answers (again), or has not for `silentMs`. */
  onPulse?(site: string, silentMs: number | undefined): void;
}

/**
 * The daemons and the guards of all sites, side by side: each is started again when it ends, and told of the pipeline as soon as there is
 * one. A guard's orders go to it alone; its daemon sees none of them.
 */
export class LiveSites {
  readonly #names: string[];
  /** What each daemon that is up, or was, is known to others by. */
  readonly #linkKeys = new Map<string, Hex>();
  readonly #options: LiveSitesOptions;
  readonly #daemons = new Map<string, SiteProcess<ToSite>>();
  readonly #guardProcesses = new Map<string, SiteProcess<ToGuard>>();
  readonly #guards = new Map<string, GuardHello>();
  readonly #pulse: SitePulse;
  #pipeline: Pipeline | undefined;
  /** Where daemons read the ledger: they may be in a network that has nothing else. */
  #daemonsUrl = '';
  #closed = false;

  constructor(options: LiveSitesOptions) {
    this.#options = options;
    this.#names = [...new Set(options.siteOf.values())].sort();
    this.#pulse = new SitePulse({
      monotonicMs,
      ask: (site) => this.send(site, { kind: 'ping' }),
      onSilent: (site, forMs) => options.onPulse?.(site, forMs),
      onBack: (site) => options.onPulse?.(site, undefined),
    });
    this.#pulse.start();
    for (const site of this.#names) {
      this.#startDaemon(site);
      this.#startGuard(site);
    }
  }

  /** In the order of their names at first, then as they were added. Goes along with every change. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** One more site, for which the network has room already: its daemon and guard are started. */
  add(site: string): void {
    if (this.#closed || this.#names.includes(site)) return;
    this.#names.push(site);
    this.#startDaemon(site);
    this.#startGuard(site);
  }

  /** Whether every site has a guard. */
  isGuarded(): boolean {
    return this.#guards.size === this.#names.length;
  }

  guards(): ReadonlyMap<string, GuardHello> {
    return this.#guards;
  }

  guardOf(agent: AgentId): GuardHello | undefined {
    return this.#guards.get(this.#options.siteOf.get(agent) ?? '');
  }

  accountOf(site: string): Hex | undefined {
    return this.#guards.get(site)?.account;
  }

  agentsAt(site: string): readonly AgentId[] {
    return [...this.#options.siteOf].flatMap(([agent, at]) => (at === site ? [agent] : []));
  }

  /** By what they are, e.g. `daemon west`, `guard west`. */
  pids(): ReadonlyMap<string, number> {
    const all = new Map<string, number>();
    for (const [site, { pid }] of this.#daemons) if (pid !== undefined) all.set(`daemon ${site}`, pid);
    for (const [site, { pid }] of this.#guards) all.set(`guard ${site}`, pid);
    return all;
  }

  /** Tells all of the pipeline, also those that come up later; `daemonsUrl`: where daemons read its ledger. */
  open(pipeline: Pipeline, daemonsUrl: string): void {
    this.#pipeline = pipeline;
    this.#daemonsUrl = daemonsUrl;
    this.broadcast({ ...pipeline, url: daemonsUrl });
    this.tellGuards(pipeline);
  }

  /** To the daemon of a site. */
  send(site: string, message: ToSite): void {
    this.#daemons.get(site)?.send(message);
  }

  /** To the daemon of an agent's site. */
  sendFor(agent: AgentId, message: ToSite): void {
    this.send(this.#options.siteOf.get(agent) ?? '', message);
  }

  /** To the guard of an agent. */
  orderFor(agent: AgentId, message: ToGuard): void {
    this.tellGuardAt(this.#options.siteOf.get(agent) ?? '', message);
  }

  /** To the guard of a site. */
  tellGuardAt(site: string, message: ToGuard): void {
    this.#guardProcesses.get(site)?.send(message);
  }

  /** To the guard with that account. */
  tellGuard(account: Hex, message: ToGuard): void {
    for (const [site, guard] of this.#guards) if (guard.account === account) this.tellGuardAt(site, message);
  }

  /** To all daemons. */
  broadcast(message: ToSite): void {
    for (const daemon of this.#daemons.values()) daemon.send(message);
  }

  tellGuards(message: ToGuard): void {
    for (const guard of this.#guardProcesses.values()) guard.send(message);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pulse.stop();
    const all = [...this.#guardProcesses.values(), ...this.#daemons.values()];
    await Promise.all(all.map((process) => process.stop()));
  }

  #startDaemon(site: string): void {
    const { siteOf, programs, network, onHolder } = this.#options;
    const { listen, networkOf } = network.placeOf(site);
    const isFirst = this.#once('daemon', site);
    let ended = false;
    const daemon = startSiteProcess<ToSite, FromSite>({
      program: programs.siteDaemon,
      arguments: [],
      networkOf,
      says: FromSiteSchema,
      onMessage: (message) => {
        // What one that has ended had said before may still come in.
        if (!ended) this.#pulse.heard(site);
        if (message.kind === 'pong') return;
        if (message.kind !== 'holder') {
          this.#take(site, message);
          return;
        }
        if (!isFirst()) return;
        this.#linkKeys.set(site, message.linkKey);
        this.#introduce(site);
        onHolder(site, message.kemKey);
      },
      onEnd: () => {
        ended = true;
        if (!this.#closed) {
          this.#pulse.ended(site);
          this.#endAgentsOf(site);
        }
        this.#again('daemon', site, () => this.#startDaemon(site));
      },
    });
    this.#daemons.set(site, daemon);
    daemon.send({
      kind: 'site',
      site,
      agentSocket: this.#agentSocket(site),
      listen,
      agents: Object.fromEntries(siteOf),
    });
    // Of one that is started again: who has come meanwhile, and whose links each may touch.
    daemon.send({
      kind: 'agents',
      agents: [...this.#options.specs()],
      sites: Object.fromEntries(siteOf),
    });
    if (this.#pipeline !== undefined) daemon.send({ ...this.#pipeline, url: this.#daemonsUrl });
  }

  /** Each was given its one connection to the daemon when it was started: it ends with it, also where it would rather go on. */
  #endAgentsOf(site: string): void {
    for (const agent of this.agentsAt(site))
      this.orderFor(agent, { kind: 'kill', agent, reason: 'the daemon of its site has ended' });
  }

  #startGuard(site: string): void {
    const { programs, operatorKey, onGuard } = this.#options;
    const tpm = this.#options.tpmOf?.(site);
    const isFirst = this.#once('guard', site);
    const guard = startSiteProcess<ToGuard, FromGuard>({
      program: programs.guard,
      arguments: [this.#agentSocket(site), operatorKey, ...(tpm === undefined ? [] : [tpm])],
      says: FromGuardSchema,
      onMessage: (message) => {
        if (message.kind !== 'guard') {
          this.#take(site, message);
          return;
        }
        if (!isFirst()) return;
        const before = this.#guards.get(site);
        this.#guards.set(site, message);
        onGuard(site, message, before);
      },
      onEnd: () => this.#again('guard', site, () => this.#startGuard(site)),
    });
    this.#guardProcesses.set(site, guard);
    if (this.#pipeline !== undefined) guard.send(this.#pipeline);
  }

  /** Tells the daemons where all are and what each is known by, once all have come up; that of `newest` last, so that it is known when it calls. */
  #introduce(newest: string): void {
    const peers: Record<string, PeerSite> = {};
    for (const site of this.#names) {
      const linkKey = this.#linkKeys.get(site);
      if (linkKey !== undefined)
        peers[site] = { address: this.#options.network.placeOf(site).listen, linkKey };
    }
    // One that is still to come would only be called in vain, and is told of when it is there.
    if (this.#linkKeys.size < this.#names.length && this.#pipeline === undefined) return;
    for (const site of this.#names) if (site !== newest) this.send(site, { kind: 'peers', peers });
    this.send(newest, { kind: 'peers', peers });
  }

  /** Each process says once that it is there: with every more time, all the others would be told and its agents started anew. */
  #once(what: 'daemon' | 'guard', site: string): () => boolean {
    let times = 0;
    return () => {
      times++;
      if (times === 2)
        this.#options.onFault(
          'second-hello',
          site,
          `the ${what} of ${site} says more than once that it is there: only the first counts`,
        );
      return times === 1;
    };
  }

  #again(what: 'daemon' | 'guard', site: string, start: () => void): void {
    if (this.#closed) return;
    this.#options.onFault(
      `${what}-ended`,
      site,
      `the ${what} of ${site} has ended: it is started again${what === 'guard' ? ', with its agents anew' : ''}`,
    );
    setTimeout(() => {
      if (!this.#closed) start();
    }, BACK_AFTER_MS);
  }

  #agentSocket(site: string): string {
    return join(this.#options.dir, `${site}.sock`);
  }

  #take(site: string, message: SiteNews): void {
    const { siteOf, onMessage, onFault } = this.#options;
    // A site that has been taken over must not act in the name of other sites' agents.
    if (isSaidForAgent(message) && siteOf.get(message.agent) !== site)
      onFault('foreign-agent', site, `${site} speaks for ${message.agent}, which is not there`);
    else onMessage(site, message);
  }
}

function isSaidForAgent(message: SiteNews): message is SaidForAgent {
  return Object.hasOwn(SAID_FOR_AN_AGENT, message.kind);
}
