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
import { lower } from '../../adapters/ledger-rpc/decode-event.ts';
import { JOURNAL_BATCH } from '../../adapters/ledger-rpc/journal-batch.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import { needsEpoch } from '../../core/attestation/steward.ts';
import type { CallResult, Ledger } from '../../ports/ledger.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import { REGISTRY } from '../../protocol/decision-disclosure.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex, LedgerBlock, PipelineAddress, Timing } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { AgentSpec, Scenario } from '../../protocol/scenario.ts';
import type { FromSite, SpawnOrder, ToSite } from '../../protocol/site-control.ts';
import type { AwardWord } from '../../protocol/site-link.ts';
import { Appraiser } from '../decisions/appraise-decisions.ts';
import { DisclosureDesk } from '../decisions/ask-disclosure.ts';
import { ReExecutor } from '../decisions/re-executor.ts';
import type { ReferenceStore } from '../registry/reference-store.ts';
import { Registry } from '../registry/registry.ts';
import { monotonicMs, TrustView, wallSeconds } from '../trust/trust-view.ts';
import type { AgentImage } from './agent-image.ts';
import { ownImage } from './agent-image.ts';
import type { Programs } from './build-programs.ts';
import { buildPrograms } from './build-programs.ts';
import { Checkpoints } from './checkpoints.ts';
import type { CollectorOptions } from './collector.ts';
import { Collector } from './collector.ts';
import { contractCode } from './contract-code.ts';
import { Enrolment } from './enrolment.ts';
import type { SupervisedLedger } from './ledger-process.ts';
import { superviseLedger } from './ledger-process.ts';
import type { SiteNews } from './live-sites.ts';
import { LiveSites } from './live-sites.ts';
import { mayStillAct } from './may-still-act.ts';
import { mutualPlan } from './mutual-plan.ts';
import type { NativeAgent } from './native-program.ts';
import { checkNative } from './native-program.ts';
import { openStore } from './open-store.ts';
import { Placer } from './placer.ts';
import type { EvidenceChoice } from './platforms.ts';
import { Platforms, readPlatforms } from './platforms.ts';
import { REBORN_EVERY_MS } from './rebirths.ts';
import { Refusals } from './refusals.ts';
import { Regrouping } from './regrouping.ts';
import type { Rebirth } from './renewal.ts';
import { Renewal } from './renewal.ts';
import { MOST_ADDED, Roster } from './roster.ts';
import { sampleRuntime } from './sample-runtime.ts';
import { ShareDealer } from './share-dealer.ts';
import { ShareDesk } from './share-desk.ts';
import { TurningPoint } from './turning-point.ts';
import type { StepDone } from './workflow.ts';
import { Workflow } from './workflow.ts';

/** Deadlines and validity, s. */
const TIMING: Timing = {
  commitWithin: 10,
  verdictWithin: 10,
  validity: 60,
  period: 20,
  stewardWithin: 5,
};
const BLOCK_MS = 1000;
/** An agent that decides otherwise one time in ten is caught in a round with 1 - 0.9^16 = 81 %. */
const DRAWS = 16;
const READY_WITHIN_MS = 60_000;
/** After how long an incarnation that is refused is tried again; longer once it has been often, e.g. while the ledger is away. */
const AGAIN_AFTER_MS = 1000;
const QUICK_TRIES = 5;
const LATER_AGAIN_AFTER_MS = 10_000;
const GONE_WITHIN_MS = 5000;

/** How strictly agents are attested. */
export interface Strictness {
  /** Absent: that of guards alone. */
  readonly evidence?: EvidenceChoice;
  /** How many peers have to vouch for an agent in a round. Absent: one. */
  readonly verifiersPerRound?: number;
}

export interface PipelineOptions extends Strictness {
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
  /** What the giver of an award says of it. */
  onAward(agent: AgentId, word: AwardWord): void;
  readonly onBatch: CollectorOptions['onBatch'];
  /** Something that an operator should know of. */
  onFault(fault: string, subject: string, reason: string): void;
  onBlock(block: LedgerBlock): void;
  onPhase(text: string): void;
  /** A step of the workflow by which it comes up is done. */
  onStep?(done: StepDone): void;
  onNote(text: string): void;
  /** What a verdict rests on, as canonical text: it comes before the verdict, which carries its hash. */
  onAppraisal?(text: string): void;
  /** Decisions of an agent that are drawn in each round and executed again; 0: none. */
  readonly draws?: number;
  /** Absent: those of an embedded ledger with blocks of a second. */
  readonly timing?: Timing;
  /** Agents that are no Node programs: attested like all others, without a part in the group key. */
  readonly native?: ReadonlyMap<AgentId, NativeAgent>;
  /** Absent: built from the sources. */
  readonly programs?: Programs;
  /** How often each agent is reborn, ms; 0: never; absent: `REBORN_EVERY_MS`. */
  readonly rebirthEveryMs?: number;
  /** The successor of an agent acts in its place from now on, and knows nothing yet. */
  onTakeover(agent: AgentId): void;
  onReborn(rebirth: Rebirth): void;
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
  readonly #roster: Roster;
  #regrouping: Regrouping | undefined;
  /** Who waits for the end of an agent's process. */
  readonly #onGone = new Map<AgentId, () => void>();
  #sites: LiveSites | undefined;
  readonly #cleanUps: (() => Promise<void> | void)[] = [];
  #ledger: SupervisedLedger | undefined;
  #address: PipelineAddress | undefined;
  #registry: Registry | undefined;
  #registryLedger: Ledger | undefined;
  #checkpoints: Checkpoints | undefined;
  #collector: Collector | undefined;
  #enrolment: Enrolment | undefined;
  #placer: Placer | undefined;
  #renewal: Renewal | undefined;
  readonly #turn = new TurningPoint();
  readonly #desk: ShareDesk;
  readonly #dealer: ShareDealer;
  /** Chain, genesis and contract: what is signed and sealed is bound to it. */
  #name: string | undefined;
  readonly #flow: Workflow;
  /** Sites whose daemon has reached all others. */
  readonly #connected = new Set<string>();
  readonly #refusals: Refusals;
  #platforms = new Platforms({});
  readonly #disclosures = new DisclosureDesk({
    from: REGISTRY,
    send: (wanted) => this.#sites?.tellGuardAt(wanted.at, wanted),
  });
  /** What each agent's next incarnation has to wait for. */
  readonly #placing = new Map<AgentId, Promise<void>>();
  /** Of the agents that run, by name. */
  readonly #pids = new Map<string, number>();
  #closed = false;
  #lastBlockMs = monotonicMs();
  #ledgerAway = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#timing = options.timing ?? TIMING;
    this.#roster = new Roster(options.specs, options.siteOf);
    this.#flow = new Workflow({ nowMs: monotonicMs, onStep: (done) => options.onStep?.(done) });
    this.#refusals = new Refusals({ nowMs: monotonicMs, onFault: options.onFault });
    this.#desk = new ShareDesk({
      trust: this.trust,
      pipeline: () => this.#name,
      shareOf: async (round) => this.#registry?.shareOf(round),
      accountOf: (site) => this.#sites?.accountOf(site),
      onJudge: (guard, round) => void this.#tellCase(guard, round),
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

  /** For how long the ledger has said nothing although it should have, s; 0: it has not been silent. */
  get ledgerSilentForS(): number {
    const silentForS = (monotonicMs() - this.#lastBlockMs) / 1000;
    // Blocks are made on demand; every agent's round comes once a period.
    return this.#ledgerAway || silentForS > 1.5 * this.#timing.period ? silentForS : 0;
  }

  /** Why the ledger's process is not there, or takes nothing; undefined: it is well. */
  get ledgerTrouble(): string | undefined {
    return this.#ledger?.trouble;
  }

  get url(): string | undefined {
    return this.#ledger?.url;
  }

  get checkpoints(): Checkpoints | undefined {
    return this.#checkpoints;
  }

  /** The embedded ledger's own journal. */
  get ledgerJournal(): string {
    return join(this.#options.dir, 'private/ledger/journal');
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
    const { dir, onPhase, onNote, onFault, native, evidence } = this.#options;
    const { siteOf, specs } = this.#roster;
    const beganMs = monotonicMs();
    const flow = this.#flow;
    for (const step of ['operation', 'plan', 'wrap'] as const) flow.begin(step);
    const order = mutualPlan(siteOf);
    flow.end('plan', order.map((agent) => `${agent} at ${siteOf.get(agent)}`).join(', '));
    await chmod(dir, 0o711);
    const hidden = join(dir, 'private');
    await mkdir(hidden, { recursive: true, mode: 0o700 });
    const [programs, image, store] = await Promise.all([
      this.#options.programs ?? buildPrograms(join(import.meta.dirname, '../../../build/programs')),
      this.#options.image ?? ownImage(hidden),
      openStore(hidden),
    ]);
    for (const each of native?.values() ?? []) checkNative(each, image.operatorKey);
    this.#platforms = await readPlatforms([...new Set(siteOf.values())], evidence);
    onPhase('ledger, site daemons and guards start');
    for (const step of ['deploy', 'connect', 'contracts'] as const) flow.begin(step);
    const operatorKey = toHex(randomBytes(32));
    const registryKey = toHex(randomBytes(32));
    const operatorAddress = lower(privateKeyToAddress(operatorKey));
    // Known before it is there: the first contract of a fresh account.
    const contract = lower(getContractAddress({ from: operatorAddress, nonce: 0n }));
    const sites = new LiveSites({
      siteOf,
      dir,
      programs,
      operatorKey: image.operatorKey,
      tpmOf: (site) => (evidence?.kind === 'guard+tpm' ? evidence.tctiOf(site) : undefined),
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
        roles: { contract, operator: operatorAddress },
        onNote,
        onTrouble: (reason) => onFault('ledger-trouble', 'ledger', reason),
        onCut: ({ bytes, records }) =>
          onFault(
            'ledger-cut',
            'ledger',
            `the end of the ledger's journal was damaged: ${bytes} bytes (${records} records, none of them acknowledged) were cut off`,
          ),
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
    const { bundleBytes, version } = image.verified.manifest;
    flow.end(
      'wrap',
      `version ${version}, one signed bundle of ${bundleBytes} bytes, ${segments.length} executable segments expected`,
    );
    const name = `${ledger.chainId}:${ledger.genesisHash}:${contract}`;
    this.#name = name;
    this.#placer = new Placer({
      agents: specs.length + MOST_ADDED,
      image,
      native: native ?? new Map(),
      programs: join(dir, 'programs'),
      describe: (agent, incarnation) => this.#describe(agent, incarnation, name, collectorKey.publicKey),
      guardOf: (agent) => sites.guardOf(agent),
      order: (agent, order) => sites.orderFor(agent, { kind: 'spawn', order }),
      lastIncarnation: (agent) => {
        const { agents } = this.trust.state;
        const key = agentKeyOf(agent);
        return Math.max(agents.get(key)?.incarnation ?? 0, agents.get(seatBeside(key))?.incarnation ?? 0);
      },
    });
    onPhase(`${specs.length} agents start; the contracts of the pipeline are deployed`);
    const orders = specs.map((spec, index) => this.#placer?.start(spec.name, index));
    const address = await this.#deploy(ledger.url, operatorKey, registryKey, code);
    const open = (privateKey: Hex) => createLedger({ url: ledger.url, privateKey, pipeline: address });
    const [operator, registryLedger] = await Promise.all([open(operatorKey), open(registryKey)]);
    this.#cleanUps.push(() => operator.close());
    flow.end('contracts', `attestation ${address.attestation}, keys ${address.keys}`);
    const registry = this.#startRegistry(registryLedger, segments, store, sites.names);
    this.#checkpoints = new Checkpoints({
      pipeline: address,
      operatorKey,
      guards: () => sites.guards(),
      ask: (number) => sites.tellGuards({ kind: 'cosign', number }),
      onFault,
    });
    this.#collector = this.#collect(collectorKey, name);
    const isManned = () => sites.isGuarded() && sites.names.every((site) => this.#dealer.knows(site));
    await this.#until(isManned, 'every site has a guard and a daemon');
    if (sites.names.length === 1)
      onPhase('one site: nobody shares the answers of rounds with the registry, which is trusted with them');
    flow.end('deploy', `${sites.names.length} sites have a daemon and a guard`);
    flow.begin('credentials');
    const platforms = this.#platforms.enrolled;
    sites.open({ kind: 'pipeline', url: ledger.url, address, name, platforms });
    onPhase('guards and agents are enrolled; the registry challenges every agent');
    const enrolment = new Enrolment({
      operator,
      agentsAt: (site) => sites.agentsAt(site),
      accountOf: (site) => sites.accountOf(site),
      platformOf: (site) => platforms[site],
    });
    this.#enrolment = enrolment;
    await Promise.all([...sites.guards()].map(([site, { account }]) => enrolment.enrol(site, account)));
    flow.end('credentials', `the accounts of ${sites.names.length} guards may speak for their agents`);
    for (const step of ['register', 'initial-attestation', 'mutual-plan'] as const) flow.begin(step);
    await Promise.all([enrolment.plan(order), ...orders.map((each) => this.#register(each, registry))]);
    flow.end('register', `${specs.length} reference values are kept, their challenges are on the ledger`);
    await this.#until(() => this.isReady(), 'every agent is attested and holds the group key');
    this.#regrouping = new Regrouping({
      roster: this.#roster,
      sites,
      enrolment,
      place: (agent) => this.#place(agent),
      gone: (agent) => this.#gone(agent),
    });
    flow.end('keys', `epoch ${this.trust.epoch?.epoch ?? 0} is held by all ${specs.length} agents`);
    flow.end('operation', 'the pipeline is up: rounds go on while it runs');
    onPhase(`all agents are attested and keyed after ${((monotonicMs() - beganMs) / 1000).toFixed(1)} s`);
    this.#renewal = this.#renew(registry);
  }

  /** Agents that are not started again, and why. */
  staysDown(): ReadonlyMap<AgentId, string> {
    return this.#placer?.limit.down ?? new Map();
  }

  /** The operator's word: an agent that stays down is started once more. False: it was not down. */
  startAgain(agent: AgentId): boolean {
    if (this.#closed || this.#placer?.limit.forgive(agent) !== true) return false;
    this.#place(agent);
    return true;
  }

  isReady(): boolean {
    const { state, epoch } = this.trust;
    if (epoch === undefined || needsEpoch(state)) return false;
    return this.#roster.specs.every(({ name }) => {
      const agent = this.trust.attested(agentKeyOf(name));
      // One that takes no part in the group key has none to hold.
      return agent !== undefined && (agent.kemKey === ZERO || epoch.acknowledged.includes(agent.agent));
    });
  }

  /** The agents that it has now. */
  get specs(): readonly AgentSpec[] {
    return this.#roster.specs;
  }

  /** Agents that come, go or move while it runs; undefined: it is not up yet. */
  get regrouping(): Regrouping | undefined {
    return this.#regrouping;
  }

  hasRoom(): boolean {
    return this.#roster.hasRoom();
  }

  /** Whether there is a daemon for a site. */
  hasSite(site: string): boolean {
    return this.#sites?.names.includes(site) === true;
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

  /** Puts the root over a stretch of the journal on the ledger, in the registry's name; resolves once that is final. */
  async anchor(root: Hex, count: number): Promise<CallResult> {
    const call = { kind: 'anchor', batch: JOURNAL_BATCH, root, count } as const;
    return (await this.#registryLedger?.call(call)) ?? { ok: false, error: 'there is no ledger yet' };
  }

  /** Resolves once all telemetry that has come is taken. */
  async settled(): Promise<void> {
    await this.#collector?.settled();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#collector?.settled();
    await this.#sites?.close();
    this.#placer?.close();
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
    const { verifiersPerRound = 1 } = this.#options;
    const options = { ...roles, timing: this.#timing, verifiersPerRound };
    const address = await deployPipeline({ url, privateKey: operatorKey, options, bytecode });
    this.#address = address;
    return address;
  }

  #startRegistry(
    ledger: Ledger,
    segments: Awaited<ReturnType<typeof sampleRuntime>>,
    store: ReferenceStore,
    sites: readonly string[],
  ): Registry {
    const { onNote, onAppraisal } = this.#options;
    const [desk, reExecutor] = [this.#disclosures, new ReExecutor()];
    const appraiser = new Appraiser({ trust: this.trust, desk, reExecutor, wallSeconds });
    const registry = new Registry({
      ledger,
      appraiser,
      onAppraisal: (text) => onAppraisal?.(text),
      trust: this.trust,
      segments,
      periodS: this.#timing.period,
      platformTrouble: (round) => this.#platforms.trouble(this.trust.state, round),
      store,
      sites,
      siteOf: (agent) => this.#roster.siteOfKey(agent) ?? '',
      deal: (site, dealt) => void this.#dealer.deal(site, dealt),
      onTrouble: onNote,
    });
    this.#registry = registry;
    this.#registryLedger = ledger;
    const following = ledger.follow({
      fromBlock: ledger.pipeline.fromBlock,
      onBlock: (block) => {
        this.#lastBlockMs = monotonicMs();
        this.trust.apply(block);
        registry.onBlock(block);
        this.#checkpoints?.onBlock(block, this.trust.state);
        this.#collector?.onBlock();
        this.#desk.serve();
        this.#renewal?.onBlock(block);
        this.#options.onBlock(block);
        const { specs } = this.#roster;
        this.#flow.onLedger(
          this.trust.state,
          specs.map((each) => each.name),
        );
        this.#turn.changed();
      },
      onSilence: (silent) => {
        this.#ledgerAway = silent;
      },
      onFault: (error) => this.#options.onFault('ledger-changed', 'ledger', error.message),
    });
    this.#cleanUps.push(() => {
      following.stop();
      registry.close();
      appraiser.close();
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
    const { scenario, startMs, zeroNs, draws } = this.#options;
    const { specs } = this.#roster;
    return {
      name: agent,
      key: agentKeyOf(agent),
      incarnation,
      pipeline,
      collector,
      startMs,
      zeroNs: String(zeroNs()),
      draws: draws ?? DRAWS,
      agents: [...specs],
      hosts: scenario.topology.hosts,
      functions: scenario.functions,
    };
  }

  #renew(registry: Registry): Renewal {
    const { rebirthEveryMs = REBORN_EVERY_MS, onTakeover, onReborn } = this.#options;
    return new Renewal({
      agents: () => this.#roster.specs.map((each) => each.name),
      everyMs: rebirthEveryMs,
      trust: this.trust,
      nowMs: monotonicMs,
      isWanted: (agent) => this.#isWanted(agent),
      startBeside: (agent) => {
        const order = this.#placer?.startBeside(agent, this.#roster.placeOf(agent));
        const { incarnation } = order ?? { incarnation: 0 };
        void this.#register(order, registry).then((registered) => {
          if (registered || this.#renewal?.ended(agent, incarnation) !== true) return;
          this.#sites?.orderFor(agent, { kind: 'kill', agent, incarnation, reason: 'it was not registered' });
        });
        return order;
      },
      giveUp: (agent, named) => {
        if (named) this.#place(agent);
        else registry.giveUp(seatBeside(agentKeyOf(agent)), 'it has not taken over in time');
      },
      onTakeover: (agent, pid) => {
        this.#placer?.succeeded(agent);
        if (pid !== undefined) this.#pids.set(agent, pid);
        onTakeover(agent);
      },
      onReborn,
    });
  }

  /** The next incarnation of an agent, once the one under way is registered or refused; tried again if it is refused. */
  #place(agent: AgentId): void {
    this.#renewal?.abandon(agent);
    const before = this.#placing.get(agent) ?? Promise.resolve();
    const next = before.then(async () => {
      const index = this.#roster.placeOf(agent);
      const registry = this.#registry;
      const placer = this.#placer;
      if (registry === undefined || placer === undefined || !this.#isWanted(agent)) return;
      const staysDown = placer.limit.start(agent);
      if (staysDown !== undefined) this.#options.onFault('agent-stays-down', agent, staysDown);
      for (let tries = 1; staysDown === undefined && this.#isWanted(agent); tries++) {
        if (await this.#register(placer.start(agent, index), registry)) return;
        const ms = tries < QUICK_TRIES ? AGAIN_AFTER_MS : LATER_AGAIN_AFTER_MS;
        await pause(ms, undefined, { ref: false });
      }
    });
    this.#placing.set(agent, next);
  }

  #isWanted(agent: AgentId): boolean {
    return !this.#closed && this.#roster.has(agent) && this.#options.isWanted(agent);
  }

  /** Resolves once an agent has no process, at once when it has none; a guard that ends takes its agents with it. */
  #gone(agent: AgentId): Promise<void> {
    if (!this.#pids.has(agent)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#onGone.delete(agent);
        resolve();
      };
      const timer = setTimeout(done, GONE_WITHIN_MS);
      this.#onGone.set(agent, done);
    });
  }

  async #register(order: SpawnOrder | undefined, registry: Registry): Promise<boolean> {
    if (order === undefined) return false;
    const trouble = await this.#placer?.register(order, registry);
    if (trouble === undefined) return true;
    if (!this.#closed) this.#options.onFault('not-registered', order.name, trouble);
    return false;
  }

  #incarnationOf(agent: AgentId): number {
    return this.trust.state.agents.get(agentKeyOf(agent))?.incarnation ?? 0;
  }

  #take(site: string, message: SiteNews): void {
    const { onAct, onAbort, onAward, onFault, onNote } = this.#options;
    switch (message.kind) {
      case 'act': {
        // It has waited on its way: whoever has been thrown out meanwhile has nothing carried out any more.
        const refusal = mayStillAct(this.trust, message.agent, message.incarnation);
        if (refusal === undefined) onAct(message);
        else this.#refusals.tell(site, 'command-refused', message.agent, `dropped: ${refusal}`);
        return;
      }
      case 'award':
        onAward(message.agent, message.word);
        return;
      case 'abort':
        onAbort(message.agent, message.token);
        return;
      case 'telemetry':
        this.#collector?.take(message.agent, message.sealed);
        return;
      case 'quote':
        this.#platforms.take(site, message.round, message.quote);
        return;
      case 'disclosure-wanted':
        this.#sites?.tellGuardAt(message.at, { ...message, from: site });
        return;
      case 'disclosure-part':
        if (message.to === REGISTRY) this.#disclosures.take(message);
        else this.#sites?.tellGuardAt(message.to, message);
        return;
      case 'appraisal':
        this.#options.onAppraisal?.(message.text);
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
      case 'cosigned':
        this.#checkpoints?.take(site, message);
        return;
      case 'started': {
        const { agent, incarnation, pid } = message;
        if (this.#renewal?.isSuccessor(agent, incarnation)) this.#renewal.started(agent, incarnation, pid);
        else this.#pids.set(agent, pid);
        return;
      }
      case 'keyed':
        this.#renewal?.keyed(message.agent, message.incarnation);
        return;
      case 'welcomed':
        this.#renewal?.welcomed(message.agent, message.incarnation);
        return;
      case 'exited':
        if (this.#renewal?.ended(message.agent, message.incarnation)) {
          if (!this.#closed) onFault('successor-ended', message.agent, message.reason);
          return;
        }
        // Its successor has the place already.
        if (message.incarnation < this.#incarnationOf(message.agent)) return;
        this.#pids.delete(message.agent);
        this.#onGone.get(message.agent)?.();
        if (this.#closed) return;
        onFault('agent-ended', message.agent, message.reason);
        if (this.#isWanted(message.agent)) this.#place(message.agent);
        return;
      case 'refused':
        this.#refusals.tell(site, `${message.what}-refused`, message.agent, message.reason);
        return;
      case 'connected':
        this.#connected.add(site);
        if (this.#connected.size === this.#sites?.names.length)
          this.#flow.end('connect', `${this.#connected.size} site daemons have reached one another`);
        return;
      case 'log':
        onNote(`${site}: ${message.who}: ${message.text}`);
        return;
      default:
        message satisfies never;
    }
  }

  /** Whoever judges a round gets its answer from the holders of shares, and what else it goes by from here. */
  async #tellCase(guard: Hex, round: number): Promise<void> {
    const { state } = this.trust;
    const reference = this.#registry?.reExecutedWith(state.rounds.get(round)?.agent ?? ZERO);
    if (reference === undefined) return;
    const quote = await this.#platforms.quoteFor(state, round);
    const told = { kind: 'case', round, reference } as const;
    this.#sites?.tellGuard(guard, quote === undefined ? told : { ...told, quote });
  }

  /** A guard has come up: the first of its site, or one in the place of another that has ended with its agents. */
  #onGuard(site: string, account: Hex, before: Hex | undefined): void {
    this.#turn.changed();
    if (before === undefined || this.#enrolment === undefined || this.#closed) return;
    const enrolled = this.#enrolment.replace(site, before, account);
    for (const agent of this.#sites?.agentsAt(site) ?? []) {
      const placing = this.#placing.get(agent) ?? Promise.resolve();
      this.#placing.set(
        agent,
        placing.then(() => enrolled),
      );
      if (this.#isWanted(agent)) this.#place(agent);
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
