import { join } from 'node:path';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { FromSite, ToSite } from '../../protocol/site-control.ts';
import type { Programs } from './build-programs.ts';
import type { SiteProcess } from './site-process.ts';
import { startSite } from './site-process.ts';

const BACK_AFTER_MS = 300;
const SPEAKS_FOR_AN_AGENT: ReadonlySet<string> = new Set([
  'act',
  'abort',
  'award',
  'telemetry',
  'started',
  'exited',
  'keyed',
  'welcomed',
]);

type GuardHello = Extract<FromSite, { kind: 'guard' }>;

export interface LiveSitesOptions {
  readonly siteOf: ReadonlyMap<AgentId, string>;
  /** For sockets; those of daemons among themselves in its `private`. */
  readonly dir: string;
  readonly programs: Pick<Programs, 'siteDaemon' | 'guard'>;
  /** Where the TPM of a site is reached; undefined: it has none. */
  tpmOf?(site: string): string | undefined;
  /** What a daemon says that it may say. */
  onMessage(site: string, message: Exclude<FromSite, { kind: 'guard' }>): void;
  /** A guard has come up; `before`: the one of the same site that it takes the place of. */
  onGuard(site: string, guard: GuardHello, before: GuardHello | undefined): void;
  onFault(fault: string, subject: string, reason: string): void;
}

/** The daemons of all sites, each started again when it ends, and told of the pipeline as soon as there is one. */
export class LiveSites {
  /** In order. */
  readonly names: readonly string[];
  readonly #options: LiveSitesOptions;
  readonly #processes = new Map<string, SiteProcess>();
  readonly #guards = new Map<string, GuardHello>();
  #pipeline: Extract<ToSite, { kind: 'pipeline' }> | undefined;
  #closed = false;

  constructor(options: LiveSitesOptions) {
    this.#options = options;
    this.names = [...new Set(options.siteOf.values())].sort();
    for (const site of this.names) this.#start(site);
  }

  /** Whether every site has a guard. */
  isGuarded(): boolean {
    return this.#guards.size === this.names.length;
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
    for (const [site, { pid }] of this.#processes) if (pid !== undefined) all.set(`daemon ${site}`, pid);
    for (const [site, { pid }] of this.#guards) all.set(`guard ${site}`, pid);
    return all;
  }

  /** Tells all of the pipeline, also those that come up later. */
  open(pipeline: Extract<ToSite, { kind: 'pipeline' }>): void {
    this.#pipeline = pipeline;
    this.broadcast(pipeline);
  }

  send(site: string, message: ToSite): void {
    this.#processes.get(site)?.send(message);
  }

  /** To the site of an agent. */
  sendFor(agent: AgentId, message: ToSite): void {
    this.send(this.#options.siteOf.get(agent) ?? '', message);
  }

  broadcast(message: ToSite): void {
    for (const process of this.#processes.values()) process.send(message);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#processes.values()].map((process) => process.stop()));
  }

  #start(site: string): void {
    const { siteOf, dir, programs, onFault } = this.#options;
    const tpm = this.#options.tpmOf?.(site);
    const peer = (name: string) => join(dir, 'private', `${name}.sock`);
    const process = startSite({
      program: programs.siteDaemon,
      site: {
        kind: 'site',
        site,
        agentSocket: join(dir, `${site}.sock`),
        peerSockets: Object.fromEntries(this.names.map((each) => [each, peer(each)])),
        agents: Object.fromEntries(siteOf),
        guardProgram: programs.guard,
        ...(tpm === undefined ? {} : { tpm }),
      },
      onMessage: (message) => this.#take(site, message),
      onEnd: () => {
        if (this.#closed) return;
        onFault('daemon-ended', site, `the daemon of ${site} has ended: it is started again`);
        setTimeout(() => {
          if (!this.#closed) this.#start(site);
        }, BACK_AFTER_MS);
      },
    });
    this.#processes.set(site, process);
    if (this.#pipeline !== undefined) process.send(this.#pipeline);
  }

  #take(site: string, message: FromSite): void {
    const { siteOf, onMessage, onGuard, onFault } = this.#options;
    if (message.kind === 'guard') {
      const before = this.#guards.get(site);
      this.#guards.set(site, message);
      onGuard(site, message, before);
      return;
    }
    // A daemon that has been taken over must not act in the name of other sites' agents.
    const foreign =
      SPEAKS_FOR_AN_AGENT.has(message.kind) &&
      'agent' in message &&
      ![...siteOf].some(([agent, at]) => agent === message.agent && at === site);
    if (foreign) onFault('foreign-agent', site, `${site} speaks for ${message.agent}, which is not there`);
    else onMessage(site, message);
  }
}
