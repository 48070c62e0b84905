import { toHex } from '../../adapters/keys/hex.ts';
import type { KemKey } from '../../adapters/keys/kem-key.ts';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentKey, LedgerBlock } from '../../protocol/ledger.ts';
import type { FromSite, ToSite } from '../../protocol/site-control.ts';
import type { ToDaemon } from '../../protocol/site-link.ts';
import { AheadOfBlocks } from '../trust/ahead-of-blocks.ts';
import { followLedger } from '../trust/follow-ledger.ts';
import { monotonicMs, TrustView, wallSeconds } from '../trust/trust-view.ts';
import { AgentDoor } from './agent-door.ts';
import { carryFrame, deliverFrame } from './carry-frame.ts';
import { Fence } from './fence.ts';
import { mayLackKeys, OutputRecord, outputOf } from './output-record.ts';
import { PeerSites } from './peer-sites.ts';
import type { Scopes } from './reach.ts';
import { ShareKeeper } from './share-keeper.ts';

const SWEEP_MS = 250;
/** Of the commands of one agent that are ahead of our blocks, bytes. */
const MOST_EARLY_BYTES = 1_048_576;

interface GivenCommand {
  readonly agent: AgentId;
  readonly key: AgentKey;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

export interface SiteDaemonOptions {
  readonly site: Extract<ToSite, { kind: 'site' }>;
  /** What the registry seals this site's shares of answers to. */
  readonly kemKey: KemKey;
  /** What the daemons of other sites know this one by. */
  readonly linkKey: SigningKey;
  /** To the supervisor. */
  report(message: FromSite): void;
}

/**
 * The daemon of one site: carries sealed frames that it cannot read, fences what agents want done on the network, and holds shares of the
 * answers of other sites' agents. What its guard is told passes it by.
 */
export class SiteDaemon {
  readonly #options: SiteDaemonOptions;
  readonly #trust = new TrustView({ monotonicMs, wallSeconds });
  readonly #door: AgentDoor;
  readonly #peers: PeerSites;
  readonly #shares: ShareKeeper;
  readonly #record = new OutputRecord();
  readonly #commands = new AheadOfBlocks<GivenCommand>({
    most: MOST_EARLY_BYTES,
    nowMs: monotonicMs,
    deal: (given, mayWait) => this.#deal(given, mayWait),
  });
  /** Which site each agent is at. */
  #sites: Readonly<Record<string, string>>;
  #scopes: Scopes = new Map();
  #closed = false;
  #pipeline: Extract<ToSite, { kind: 'pipeline' }> | undefined;
  #fence: Fence | undefined;
  #ledger: { stop(): void } | undefined;
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: SiteDaemonOptions) {
    this.#options = options;
    const { site, kemKey, linkKey, report } = options;
    this.#shares = new ShareKeeper({
      kemKey,
      site: site.site,
      pipeline: () => this.#pipeline?.name,
      state: () => this.#trust.state,
      give: (round, to, sealed) => report({ kind: 'share', round, to, sealed }),
    });
    this.#sites = site.agents;
    this.#door = new AgentDoor({
      trust: this.#trust,
      pipeline: () => this.#pipeline?.name,
      onMessage: (agent, key, message, incarnation) => this.#fromAgent(agent, key, message, incarnation),
      onWelcome: (agent, incarnation, key) => {
        this.#record.begin(key, incarnation);
        report({ kind: 'welcomed', agent, incarnation });
      },
      onRefused: (agent, reason) =>
        report({ kind: 'refused', agent: agent.slice(0, 64), what: 'hello', reason }),
    });
    this.#peers = new PeerSites({
      site: site.site,
      key: linkKey,
      onFrame: (to, frame) => {
        if (!deliverFrame({ scopes: this.#scopes, door: this.#door }, to, frame))
          this.#refuse('frame', to, 'a frame for it is not from an agent that looks after the same');
      },
      onStranger: (peer, reason) =>
        report({ kind: 'refused', agent: peer ?? site.site, what: 'link', reason: reason.slice(0, 400) }),
    });
  }

  async start(): Promise<void> {
    const { site, kemKey, linkKey, report } = this.#options;
    await this.#door.listen(site.agentSocket);
    await this.#peers.listen(site.listen);
    report({
      kind: 'holder',
      pid: process.pid,
      kemKey: kemKey.publicKey,
      linkKey: linkKey.publicKey,
    });
    this.#sweep = setInterval(() => {
      this.#door.sweep();
      this.#commands.again();
    }, SWEEP_MS);
  }

  take(message: Exclude<ToSite, { kind: 'site' }>): void {
    switch (message.kind) {
      case 'pipeline':
        // Told again: a new fence would have forgotten which commands were given.
        if (this.#pipeline?.name !== message.name) {
          this.#fence = new Fence({
            trust: this.#trust,
            pipeline: message.name,
            serviceOf: (agent) => this.#scopes.get(agent),
          });
        }
        this.#pipeline = message;
        this.#ledger ??= followLedger(message.url, message.address, (block) => this.#onBlock(block));
        return;
      case 'shares':
        void this.#shares.keep(message.agent, message.incarnation, message.sealed);
        return;
      case 'shares-wanted':
        void this.#shares.ask(message.request);
        return;
      case 'agents':
        this.#sites = message.sites;
        this.#scopes = new Map(message.agents.map(({ name, service }) => [name, service]));
        return;
      case 'fallen':
        this.#trust.fell(message.agent, message.incarnation);
        this.#door.sweep();
        return;
      case 'outputs-wanted': {
        const { from: to, request, agent, incarnation, head } = message;
        const register = this.#record.at(agent, incarnation, head);
        // Who asks asks again.
        if (register !== undefined) this.#options.report({ kind: 'outputs', to, request, register });
        return;
      }
      case 'peers':
        this.#peers.know(message.peers);
        void this.#peers.reach().then((sites) => {
          if (!this.#closed) this.#options.report({ kind: 'connected', sites });
        });
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
      case 'ping':
        this.#options.report({ kind: 'pong' });
        return;
      default:
        message satisfies never;
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    this.#ledger?.stop();
    this.#door.close();
    this.#peers.close();
  }

  #onBlock(block: LedgerBlock): void {
    this.#trust.apply(block);
    this.#door.sweep();
    this.#commands.again();
    for (const { event } of block.entries) if (event.kind === 'Succeeded') this.#shares.succeeded(event);
    void this.#shares.onBlock();
  }

  #refuse(what: 'command' | 'frame', agent: AgentId, reason: string): void {
    this.#options.report({ kind: 'refused', agent, what, reason });
  }

  #fromAgent(
    agent: AgentId,
    key: AgentKey,
    message: Exclude<ToDaemon, { kind: 'hello' }>,
    incarnation: number,
  ): void {
    const { site, report } = this.#options;
    // Whatever becomes of it: it has come out.
    if (message.kind === 'frame' || message.kind === 'command')
      this.#record.add(key, incarnation, outputOf(agent, incarnation, message));
    switch (message.kind) {
      case 'head':
        this.#record.mark(key, incarnation, message.head);
        return;
      case 'unsent': {
        const left = this.#trust.peers().find((peer) => peer.key === key)?.validForMs ?? 0;
        // Who has keys and sends nothing has not done what it has decided.
        if (mayLackKeys(left)) this.#record.add(key, incarnation, outputOf(agent, incarnation, message));
        const reason = `it says that it has no key for a message to ${message.to}`;
        this.#refuse('frame', agent, reason);
        return;
      }
      case 'frame': {
        if (this.#trust.attested(key) === undefined) return;
        const routes = { site: site.site, agents: this.#sites, scopes: this.#scopes };
        const { to, frame } = message;
        if (!carryFrame({ ...routes, door: this.#door, peers: this.#peers }, agent, to, frame))
          this.#refuse('frame', agent, `${to} does not look after the same: it has nothing to say to it`);
        return;
      }
      case 'telemetry':
        report({ kind: 'telemetry', agent, sealed: toHex(message.sealed) });
        return;
      case 'command': {
        const { body, signature } = message;
        this.#commands.take(key, { agent, key, body, signature }, body.length);
        return;
      }
      default:
        message satisfies never;
    }
  }

  /** False: it is early, and may wait. */
  #deal({ agent, key, body, signature }: GivenCommand, mayWait: boolean): boolean {
    const fenced = this.#fence?.check(agent, key, body, signature);
    if (fenced === undefined) return true;
    if (!fenced.ok) {
      if (fenced.early === true && mayWait) return false;
      this.#refuse('command', agent, fenced.reason);
      return true;
    }
    const { report } = this.#options;
    const { what, incarnation } = fenced.command;
    if (what.kind === 'abort' || what.kind === 'act') report({ ...what, agent, incarnation });
    else report({ kind: 'award', agent, incarnation, word: what });
    return true;
  }
}
