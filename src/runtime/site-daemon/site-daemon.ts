import type { ChildProcess } from 'node:child_process';
import { toHex } from '../../adapters/keys/hex.ts';
import type { DisclosurePart, DisclosureWanted } from '../../protocol/decision-disclosure.ts';
import { REGISTRY } from '../../protocol/decision-disclosure.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentKey, LedgerBlock } from '../../protocol/ledger.ts';
import type { FromSite, ToGuard, ToSite } from '../../protocol/site-control.ts';
import { FromGuardSchema } from '../../protocol/site-control.ts';
import type { ToDaemon } from '../../protocol/site-link.ts';
import { gone, spawnChild } from '../child-process.ts';
import { followLedger } from '../trust/follow-ledger.ts';
import { monotonicMs, TrustView, wallSeconds } from '../trust/trust-view.ts';
import { AgentDoor } from './agent-door.ts';
import { carryFrame } from './carry-frame.ts';
import { Fence } from './fence.ts';
import { PeerSites } from './peer-sites.ts';

const SWEEP_MS = 250;
const GUARD_BACK_AFTER_MS = 200;

export interface SiteDaemonOptions {
  readonly site: Extract<ToSite, { kind: 'site' }>;
  /** To the supervisor. */
  report(message: FromSite): void;
}

/**
 * The daemon of one site: carries sealed frames that it cannot read, fences what agents want done on the network, and keeps
 * its guard alive.
 */
export class SiteDaemon {
  readonly #options: SiteDaemonOptions;
  readonly #trust = new TrustView({ monotonicMs, wallSeconds });
  readonly #door: AgentDoor;
  readonly #peers: PeerSites;
  /** Which site each agent is at. */
  #sites: Readonly<Record<string, string>>;
  #guard: ChildProcess | undefined;
  #pipeline: Extract<ToSite, { kind: 'pipeline' }> | undefined;
  #fence: Fence | undefined;
  #ledger: { stop(): void } | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SiteDaemonOptions) {
    this.#options = options;
    const { site, report } = options;
    this.#sites = site.agents;
    this.#door = new AgentDoor({
      trust: this.#trust,
      pipeline: () => this.#pipeline?.name,
      onMessage: (agent, key, message) => this.#fromAgent(agent, key, message),
      onWelcome: (agent, incarnation) => report({ kind: 'welcomed', agent, incarnation }),
      onRefused: (agent, reason) =>
        report({ kind: 'refused', agent: agent.slice(0, 64), what: 'hello', reason }),
    });
    this.#peers = new PeerSites({
      sockets: site.peerSockets,
      onFrame: (to, frame) => this.#door.send(to, { kind: 'frame', frame }),
      onDisclosure: (message) => this.#toGuard(message),
    });
  }

  async start(): Promise<void> {
    const { site } = this.#options;
    await this.#door.listen(site.agentSocket);
    const own = site.peerSockets[site.site];
    if (own !== undefined) await this.#peers.listen(own);
    this.#startGuard();
    this.#sweep = setInterval(() => this.#door.sweep(), SWEEP_MS);
    const others = Object.keys(site.peerSockets).filter((each) => each !== site.site);
    await this.#peers.reach(others);
    if (!this.#closed) this.#options.report({ kind: 'connected', sites: others.length });
  }

  take(message: Exclude<ToSite, { kind: 'site' }>): void {
    switch (message.kind) {
      case 'pipeline':
        // Told again: a new fence would have forgotten which commands were given.
        if (this.#pipeline?.name !== message.name) {
          this.#fence = new Fence({ trust: this.#trust, pipeline: message.name });
        }
        this.#pipeline = message;
        this.#ledger ??= followLedger(message.url, message.address, (block) => this.#onBlock(block));
        this.#toGuard(message);
        return;
      case 'spawn':
      case 'kill':
      case 'clock':
      case 'answer':
      case 'cosign':
        this.#toGuard(message);
        return;
      case 'agents':
        this.#sites = message.sites;
        this.#toGuard(message);
        return;
      case 'disclosure-wanted':
        this.#toGuard({ ...message, from: REGISTRY });
        return;
      case 'percept':
      case 'goal': {
        const { agent, ...rest } = message;
        this.#door.tell(agent, rest);
        return;
      }
      case 'result': {
        const { agent, ...rest } = message;
        this.#door.send(agent, rest);
        return;
      }
      default:
        message satisfies never;
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    this.#ledger?.stop();
    this.#guard?.kill('SIGKILL');
    this.#door.close();
    this.#peers.close();
  }

  #onBlock(block: LedgerBlock): void {
    this.#trust.apply(block);
    this.#door.sweep();
  }

  #fromAgent(agent: AgentId, key: AgentKey, message: Exclude<ToDaemon, { kind: 'hello' }>): void {
    const { site, report } = this.#options;
    switch (message.kind) {
      case 'frame': {
        if (this.#trust.attested(key) === undefined) return;
        carryFrame(
          { ...site, agents: this.#sites, door: this.#door, peers: this.#peers },
          message.to,
          message.frame,
        );
        return;
      }
      case 'telemetry':
        report({ kind: 'telemetry', agent, sealed: toHex(message.sealed) });
        return;
      case 'command': {
        const fenced = this.#fence?.check(agent, key, message.body, message.signature);
        if (fenced === undefined) return;
        if (!fenced.ok) {
          report({ kind: 'refused', agent, what: 'command', reason: fenced.reason });
          return;
        }
        const { what, incarnation } = fenced.command;
        if (what.kind === 'abort') report({ kind: 'abort', agent, token: what.token });
        else if (what.kind === 'act') report({ ...what, agent, incarnation });
        else report({ kind: 'award', agent, word: what });
        return;
      }
      default:
        message satisfies never;
    }
  }

  /** To the guard of that site. */
  #carry(site: string, message: DisclosureWanted | DisclosurePart): void {
    if (site === this.#options.site.site) this.#toGuard(message);
    else this.#peers.carry(site, message);
  }

  #toGuard(message: ToGuard): void {
    if (this.#guard?.connected) this.#guard.send(message, gone);
  }

  #startGuard(): void {
    const { site, report } = this.#options;
    const guard = spawnChild(site.guardProgram, [
      site.agentSocket,
      ...(site.tpm === undefined ? [] : [site.tpm]),
    ]);
    this.#guard = guard;
    if (this.#pipeline !== undefined) this.#toGuard(this.#pipeline);
    guard.on('message', (input) => {
      const parsed = FromGuardSchema.safeParse(input);
      if (!parsed.success) return;
      const message = parsed.data;
      if (message.kind === 'disclosure-wanted') this.#carry(message.at, { ...message, from: site.site });
      else if (message.kind !== 'disclosure-part') report(message);
      else if (message.to === REGISTRY) report(message);
      else this.#carry(message.to, message);
    });
    guard.once('exit', (code, signal) => {
      report({
        kind: 'log',
        who: 'guard',
        text: `the guard of ${site.site} has ended (${signal ?? code}): a new one is started`,
      });
      if (this.#closed) return;
      setTimeout(() => {
        if (this.#closed) return;
        this.#startGuard();
      }, GUARD_BACK_AFTER_MS);
    });
  }
}
