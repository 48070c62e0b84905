import { randomBytes } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { getContractAddress } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import type { KemKey } from '../../adapters/keys/kem-key.ts';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import { createLedger, deployPipeline } from '../../adapters/ledger-rpc/create-ledger.ts';
import { needsEpoch } from '../../core/attestation/steward.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex, LedgerBlock, PipelineAddress, Timing } from '../../protocol/ledger.ts';
import type { AgentSpec, Scenario } from '../../protocol/scenario.ts';
import type { FromSite, SpawnOrder, ToSite } from '../../protocol/site-control.ts';
import type { ReferenceStore } from '../registry/reference-store.ts';
import { Registry } from '../registry/registry.ts';
import { monotonicMs, TrustView, wallSeconds } from '../trust/trust-view.ts';
import type { AgentImage } from './agent-image.ts';
import { ownImage } from './agent-image.ts';
import { buildPrograms } from './build-programs.ts';
import type { CollectorOptions } from './collector.ts';
import { Collector } from './collector.ts';
import { contractCode } from './contract-code.ts';
import { Enrolment } from './enrolment.ts';
import type { SupervisedLedger } from './ledger-process.ts';
import { superviseLedger } from './ledger-process.ts';
import type { SiteNews } from './live-sites.ts';
import { LiveSites } from './live-sites.ts';
import { openStore } from './open-store.ts';
import { Placer } from './placer.ts';
import { Refusals } from './refusals.ts';
import { sampleRuntime } from './sample-runtime.ts';
import { ShareDealer } from './share-dealer.ts';
import { ShareDesk } from './share-desk.ts';
import { TurningPoint } from './turning-point.ts';

/** Deadlines and validity, s. */
const TIMING: Timing = {
  commitWithin: 10,
  verdictWithin: 10,
  validity: 60,
  period: 20,
  stewardWithin: 5,
};
const BLOCK_MS = 1000;
const READY_WITHIN_MS = 60_000;
/** How often an incarnation that is refused is tried again. */
const MOST_TRIES = 5;
const AGAIN_AFTER_MS = 1000;

export interface PipelineOptions {
  readonly specs: readonly AgentSpec[];
  readonly siteOf: ReadonlyMap<AgentId, string>;
  readonly scenario: Pick<Scenario, 'topology' | 'functions'>;
  /** Empty; for sockets and the ledger's journal. */
  readonly dir: string;
  /** Times of the agents' clock, see `AgentConfig`. */
  readonly startMs: number;
  zeroNs(): bigint;
  onAct(message: Extract<FromSite, { kind: 'act' }>): void;
  onAbort(agent: AgentId, token: number): void;
  readonly onBatch: CollectorOptions['onBatch'];
  /** Something that an operator should know of. */
  onFault(fault: string, subject: string, reason: string): void;
  onBlock(block: LedgerBlock): void;
  onPhase(text: string): void;
  onNote(text: string): void;
  /** Absent: those of an embedded ledger with blocks of a second. */
  readonly timing?: Timing;
  /** What agents are started from; absent: the agent process of this checkout, built and signed for this pipeline. */
  readonly image?: AgentImage;
  /** Whether an agent that has ended is started again. */
  isWanted(agent: AgentId): boolean;
  readonly signal?: AbortSignal;
}

/** A pipeline of genuine agents on one machine: its ledger, site daemons, guards and registry, kept alive until it is closed. */
export class Pipeline {
  readonly trust = new TrustView({ monotonicMs, wallSeconds });
  readonly #options: PipelineOptions;
  readonly #timing: Timing;
  #sites: LiveSites | undefined;
  readonly #cleanUps: (() => Promise<void> | void)[] = [];
  #ledger: SupervisedLedger | undefined;
  #address: PipelineAddress | undefined;
  #registry: Registry | undefined;
  #collector: Collector | undefined;
  #enrolment: Enrolment | undefined;
  #placer: Placer | undefined;
  readonly #turn = new TurningPoint();
  readonly #desk: ShareDesk;
  readonly #dealer: ShareDealer;
  /** Chain, genesis and contract: what is signed and sealed is bound to it. */
  #name: string | undefined;
  readonly #refusals: Refusals;
  /** What each agent's next incarnation has to wait for. */
  readonly #placing = new Map<AgentId, Promise<void>>();
  /** Of the agents that run, by name. */
  readonly #pids = new Map<string, number>();
  #closed = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#timing = options.timing ?? TIMING;
    this.#refusals = new Refusals({ nowMs: monotonicMs, onFault: options.onFault });
    this.#desk = new ShareDesk({
      trust: this.trust,
      pipeline: () => this.#name,
      shareOf: async (round) => this.#registry?.shareOf(round),
      accountOf: (site) => this.#sites?.accountOf(site),
      pass: (request) => this.#sites?.broadcast({ kind: 'shares-wanted', request }),
      give: (guard, round, holder, sealed) =>
        this.#sites?.tellGuard(guard, { kind: 'share', round, holder, sealed }),
    });
    this.#dealer = new ShareDealer({
      pipeline: () => this.#name,
      send: (site, message) => this.#sites?.send(site, message),
    });
  }

  get address(): PipelineAddress | undefined {
    return this.#address;
  }

  get url(): string | undefined {
    return this.#ledger?.url;
  }

  /** Processes by what they are, e.g. `ledger`, `daemon s1`, `guard s1`. */
  processes(): ReadonlyMap<string, number> {
    const all = new Map<string, number>();
    if (this.#ledger !== undefined) all.set('ledger', this.#ledger.pid);
    for (const [what, pid] of this.#sites?.pids() ?? []) all.set(what, pid);
    return all;
  }

  pidOf(agent: string): number | undefined {
    return this.#pids.get(agent);
  }

  /** Resolves once every agent is attested and holds the group key. */
  async start(): Promise<void> {
    const { dir, onPhase, onNote, onFault, siteOf, specs } = this.#options;
    const beganMs = monotonicMs();
    await chmod(dir, 0o711);
    const hidden = join(dir, 'private');
    await mkdir(hidden, { recursive: true, mode: 0o700 });
    const [programs, image, store] = await Promise.all([
      buildPrograms(join(import.meta.dirname, '../../../build/programs')),
      this.#options.image ?? ownImage(hidden),
      openStore(hidden),
    ]);
    onPhase('ledger, site daemons and guards start');
    const sites = new LiveSites({
      siteOf,
      dir,
      programs,
      operatorKey: image.operatorKey,
      onHolder: (site, kemKey) => {
        this.#dealer.learn(site, kemKey);
        void this.#registry?.dealAgain(site);
        this.#turn.changed();
      },
      onMessage: (site, message) => this.#take(site, message),
      onGuard: (site, guard, before) => this.#onGuard(site, guard.account, before?.account),
      onFault,
    });
    this.#sites = sites;
    const [ledger, segments, code, collectorKey] = await Promise.all([
      superviseLedger({
        program: programs.ledgerNode,
        directory: join(hidden, 'ledger'),
        blockMs: BLOCK_MS,
        onNote,
      }).then(async (started) => {
        // Closed while it came up: what else failed has been told.
        if (this.#closed) await started.stop();
        this.#ledger = started;
        this.#cleanUps.push(() => started.stop());
        return started;
      }),
      sampleRuntime(),
      contractCode(),
      newKemKey(),
    ]);
    const operatorKey = toHex(randomBytes(32));
    const registryKey = toHex(randomBytes(32));
    const operatorAddress = privateKeyToAddress(operatorKey);
    // Known before it is there: the first contract of a fresh account.
    const contract = getContractAddress({ from: operatorAddress, nonce: 0n }).toLowerCase();
    const name = `${ledger.chainId}:${ledger.genesisHash}:${contract}`;
    this.#name = name;
    this.#placer = new Placer({
      agents: specs.length,
      image,
      describe: (agent, incarnation) => this.#describe(agent, incarnation, name, collectorKey.publicKey),
      guardOf: (agent) => sites.guardOf(agent),
      order: (agent, order) => sites.orderFor(agent, { kind: 'spawn', order }),
      lastIncarnation: (agent) => this.trust.state.agents.get(agentKeyOf(agent))?.incarnation ?? 0,
    });
    onPhase(`${specs.length} agents start; the contracts of the pipeline are deployed`);
    const orders = specs.map((spec, index) => this.#placer?.start(spec.name, index));
    const address = await this.#deploy(ledger.url, operatorKey, registryKey, code);
    const open = (privateKey: Hex) => createLedger({ url: ledger.url, privateKey, pipeline: address });
    const [operator, registryLedger] = await Promise.all([open(operatorKey), open(registryKey)]);
    this.#cleanUps.push(() => operator.close());
    const registry = this.#startRegistry(registryLedger, segments, store);
    this.#collector = this.#collect(collectorKey, name);
    const isManned = () => sites.isGuarded() && sites.names.every((site) => this.#dealer.knows(site));
    await this.#until(isManned, 'every site has a guard and a daemon');
    if (sites.names.length === 1)
      onPhase('one site: nobody shares the answers of rounds with the registry, which is trusted with them');
    sites.open({ kind: 'pipeline', url: ledger.url, address, name });
    onPhase('guards and agents are enrolled; the registry challenges every agent');
    const enrolment = new Enrolment({ operator, agentsAt: (site) => sites.agentsAt(site) });
    this.#enrolment = enrolment;
    await Promise.all([...sites.guards()].map(([site, { account }]) => enrolment.enrol(site, account)));
    await Promise.all(orders.map((order) => this.#register(order, registry)));
    await this.#until(() => this.isReady(), 'every agent is attested and holds the group key');
    onPhase(`all agents are attested and keyed after ${((monotonicMs() - beganMs) / 1000).toFixed(1)} s`);
  }

  isReady(): boolean {
    const { state, epoch } = this.trust;
    if (epoch === undefined || needsEpoch(state)) return false;
    return this.#options.specs.every(({ name }) => epoch.acknowledged.includes(agentKeyOf(name)));
  }

  /** To the daemon of an agent's site. */
  send(agent: AgentId, message: ToSite): void {
    this.#sites?.sendFor(agent, message);
  }

  /** Ends the process of an agent without notice. */
  kill(agent: AgentId, reason: string): void {
    this.#sites?.orderFor(agent, { kind: 'kill', agent, reason });
  }

  /** The agents' clock has been set, see `AgentConfig`. */
  setClock(zeroNs: bigint): void {
    this.#sites?.tellGuards({ kind: 'clock', zeroNs: String(zeroNs) });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#collector?.settled();
    await this.#sites?.close();
    for (const cleanUp of this.#cleanUps.reverse()) await cleanUp();
  }

  async #deploy(
    url: string,
    operatorKey: Hex,
    registryKey: Hex,
    bytecode: { readonly attestation: Hex; readonly keys: Hex },
  ): Promise<PipelineAddress> {
    const operator = privateKeyToAddress(operatorKey);
    const registry = privateKeyToAddress(registryKey);
    const roles = { admin: operator, orchestrator: operator, registry };
    const options = { ...roles, timing: this.#timing, verifiersPerRound: 1 };
    const address = await deployPipeline({ url, privateKey: operatorKey, options, bytecode });
    this.#address = address;
    return address;
  }

  #startRegistry(
    ledger: Ledger,
    segments: Awaited<ReturnType<typeof sampleRuntime>>,
    store: ReferenceStore,
  ): Registry {
    const { onNote, siteOf, specs } = this.#options;
    const sites = new Map(specs.map(({ name }) => [agentKeyOf(name), siteOf.get(name) ?? '']));
    const registry = new Registry({
      ledger,
      trust: this.trust,
      segments,
      periodS: this.#timing.period,
      store,
      sites: [...new Set(siteOf.values())],
      siteOf: (agent) => sites.get(agent) ?? '',
      deal: (site, dealt) => void this.#dealer.deal(site, dealt),
      onTrouble: onNote,
    });
    this.#registry = registry;
    const following = ledger.follow({
      fromBlock: ledger.pipeline.fromBlock,
      onBlock: (block) => {
        this.trust.apply(block);
        registry.onBlock(block);
        this.#collector?.onBlock();
        this.#desk.serve();
        this.#options.onBlock(block);
        this.#turn.changed();
      },
    });
    this.#cleanUps.push(() => {
      following.stop();
      registry.close();
      ledger.close();
    });
    return registry;
  }

  #collect(kemKey: KemKey, pipeline: string): Collector {
    const { onBatch, onFault } = this.#options;
    return new Collector({
      kemKey,
      trust: this.trust,
      pipeline,
      onBatch,
      onRefused: (agent, reason) => onFault('telemetry-refused', agent, reason),
    });
  }

  #describe(agent: AgentId, incarnation: number, pipeline: string, collector: Hex): AgentConfig {
    const { scenario, specs, startMs, zeroNs } = this.#options;
    return {
      name: agent,
      key: agentKeyOf(agent),
      incarnation,
      pipeline,
      collector,
      startMs,
      zeroNs: String(zeroNs()),
      agents: [...specs],
      hosts: scenario.topology.hosts,
      functions: scenario.functions,
    };
  }

  /** The next incarnation of an agent, once the one under way is registered or refused; tried again if it is refused. */
  #place(agent: AgentId): void {
    const before = this.#placing.get(agent) ?? Promise.resolve();
    const next = before.then(async () => {
      const index = this.#options.specs.findIndex((each) => each.name === agent);
      for (let tries = 0; tries < MOST_TRIES && !this.#closed; tries++) {
        const registry = this.#registry;
        const order = registry === undefined ? 'there is no registry yet' : this.#placer?.start(agent, index);
        if (registry !== undefined && (await this.#register(order, registry))) return;
        await pause(AGAIN_AFTER_MS);
      }
    });
    this.#placing.set(agent, next);
  }

  async #register(order: SpawnOrder | string | undefined, registry: Registry): Promise<boolean> {
    if (order === undefined) return false;
    const trouble = typeof order === 'string' ? order : await this.#placer?.register(order, registry);
    if (trouble === undefined) return true;
    if (!this.#closed) {
      this.#options.onFault('not-registered', typeof order === 'string' ? 'an agent' : order.name, trouble);
    }
    return false;
  }

  #take(site: string, message: SiteNews): void {
    const { onAct, onAbort, onFault, onNote } = this.#options;
    switch (message.kind) {
      case 'act':
        onAct(message);
        return;
      case 'abort':
        onAbort(message.agent, message.token);
        return;
      case 'telemetry':
        this.#collector?.take(message.agent, message.sealed);
        return;
      case 'shares-wanted':
        this.#desk.ask(site, message.request);
        return;
      case 'share': {
        const { round, to, sealed } = message;
        this.#sites?.tellGuard(to, { kind: 'share', round, holder: site, sealed });
        return;
      }
      case 'wrong-share': {
        const { holder, round } = message;
        this.#refusals.tell(
          site,
          'wrong-share',
          holder,
          `it tells the guard of ${site} a wrong share of the answer of round ${round}`,
        );
        return;
      }
      case 'started':
        this.#pids.set(message.agent, message.pid);
        return;
      case 'exited':
        this.#pids.delete(message.agent);
        if (this.#closed) return;
        onFault('agent-ended', message.agent, message.reason);
        if (this.#options.isWanted(message.agent)) this.#place(message.agent);
        return;
      case 'refused':
        this.#refusals.tell(site, `${message.what}-refused`, message.agent, message.reason);
        return;
      case 'log':
        onNote(`${site}: ${message.who}: ${message.text}`);
        return;
      default:
        message satisfies never;
    }
  }

  /** A guard has come up: the first of its site, or one in the place of another that has ended with its agents. */
  #onGuard(site: string, account: Hex, before: Hex | undefined): void {
    this.#turn.changed();
    if (before === undefined || this.#enrolment === undefined || this.#closed) return;
    const { isWanted } = this.#options;
    const enrolled = this.#enrolment.replace(site, before, account);
    for (const agent of this.#sites?.agentsAt(site) ?? []) {
      const placing = this.#placing.get(agent) ?? Promise.resolve();
      this.#placing.set(
        agent,
        placing.then(() => enrolled),
      );
      if (isWanted(agent)) this.#place(agent);
    }
  }

  #until(holds: () => boolean, what: string): Promise<void> {
    const { signal } = this.#options;
    const tell = () => {
      const agents = [...this.trust.state.agents.values()];
      const states = agents.map((each) => `${each.name} ${each.status} ${each.reason}`);
      return states.join(', ') || 'nothing is on the ledger yet';
    };
    return this.#turn.until({ what, withinMs: READY_WITHIN_MS, holds, tell, signal });
  }
}
