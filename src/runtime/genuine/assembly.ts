import type { KemKey } from '../../adapters/keys/kem-key.ts';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import { createLedger } from '../../adapters/ledger-rpc/create-ledger.ts';
import { roundOrder } from '../../core/pipeline-plan/round-order.ts';
import type { Ledger } from '../../ports/ledger.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Hex, PipelineAddress, Timing } from '../../protocol/ledger.ts';
import type { TrustView } from '../trust/trust-view.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import type { AgentImages } from './agent-images.ts';
import type { AgentLives } from './agent-lives.ts';
import { Checkpoints } from './checkpoints.ts';
import { Collector } from './collector.ts';
import { Connecting } from './connecting.ts';
import { Enrolment } from './enrolment.ts';
import { foundPipeline } from './found-ledger.ts';
import type { SupervisedLedger } from './ledger-process.ts';
import { LedgerPulse } from './ledger-pulse.ts';
import { LiveSites } from './live-sites.ts';
import type { Materials } from './materials.ts';
import { gatherMaterials, layGroundwork } from './materials.ts';
import type { LivesAmong } from './open-lives.ts';
import { openLives } from './open-lives.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { EMBEDDED_TIMING } from './pipeline-options.ts';
import { isReady, standings } from './readiness.ts';
import { Refusals } from './refusals.ts';
import { RegistryOffice } from './registry-office.ts';
import { Regrouping } from './regrouping.ts';
import type { Roster } from './roster.ts';
import { sampleRuntime } from './sample-runtime.ts';
import type { SiteNewsReaders } from './site-news.ts';
import { commandsAhead, readSiteNews } from './site-news.ts';
import { SiteOpening } from './site-opening.ts';
import { TurningPoint } from './turning-point.ts';
import type { Upgrades } from './upgrades.ts';
import { waitingCalls } from './waiting-calls.ts';
import { Workflow } from './workflow.ts';

const READY_WITHIN_MS = 60_000;

/** What a pipeline consists of; what is absent has not come up yet. */
export interface PipelineParts {
  sites?: LiveSites;
  ledger?: SupervisedLedger;
  /** Of the contracts. */
  address?: PipelineAddress;
  /** Of the registry's account. */
  registryLedger?: Ledger;
  checkpoints?: Checkpoints;
  collector?: Collector;
  enrolment?: Enrolment;
  lives?: AgentLives;
  images?: AgentImages;
  upgrades?: Upgrades;
  /** What agents want done. */
  commands?: ReturnType<typeof commandsAhead>;
  /** Agents can come, go and move once it is up. */
  regrouping?: Regrouping;
}

/** Brings the parts of a pipeline up, in order and each told of those that it needs; and down again, also when it has not come far. */
export class Assembly {
  readonly #options: PipelineOptions;
  readonly #trust: TrustView;
  readonly #roster: Roster;
  readonly #timing: Timing;
  readonly #flow: Workflow;
  readonly #refusals: Refusals;
  readonly #pulse: LedgerPulse;
  readonly #turn = new TurningPoint();
  readonly #cleanUps: (() => Promise<void> | void)[] = [];
  readonly #parts: PipelineParts = {};
  #closed = false;

  constructor(options: PipelineOptions, trust: TrustView, roster: Roster) {
    this.#options = options;
    this.#trust = trust;
    this.#roster = roster;
    this.#timing = options.timing ?? EMBEDDED_TIMING;
    this.#flow = new Workflow({ nowMs: monotonicMs, onStep: (done) => options.onStep?.(done) });
    this.#refusals = new Refusals({ nowMs: monotonicMs, onFault: options.onFault });
    this.#pulse = new LedgerPulse({ nowMs: monotonicMs, periodS: this.#timing.period });
  }

  /** As far as it has come. */
  get parts(): Readonly<PipelineParts> {
    return this.#parts;
  }

  /** For how long the ledger has said nothing although it should have, s; 0: it has not been silent. */
  get ledgerSilentForS(): number {
    return this.#pulse.silentForS;
  }

  /** Resolves once every agent is attested and holds the group key. */
  async start(): Promise<void> {
    const { onPhase } = this.#options;
    const { siteOf, specs } = this.#roster;
    const beganMs = monotonicMs();
    const flow = this.#flow;
    for (const step of ['operation', 'plan', 'wrap'] as const) flow.begin(step);
    const order = roundOrder(siteOf);
    flow.end('plan', order.map((agent) => `${agent} at ${siteOf.get(agent)}`).join(', '));
    const groundwork = await layGroundwork(this.#options);
    this.#unlessClosed();
    for (const step of ['contracts', 'connect'] as const) flow.begin(step);
    const { verifiersPerRound = 1 } = this.#options;
    const founding = foundPipeline(groundwork, this.#options, { timing: this.#timing, verifiersPerRound });
    this.#cleanUps.push(() => founding.stop());
    const siteNames = [...new Set(siteOf.values())].sort();
    const materials = await gatherMaterials(groundwork, this.#options, siteNames);
    const { network } = materials;
    if (this.#closed) await network.close();
    this.#unlessClosed();
    this.#cleanUps.push(() => network.close());
    const connecting = new Connecting(network, flow);
    onPhase('ledger, site daemons and guards start');
    flow.begin('deploy');
    const office = this.#openOffice(materials);
    const sites = this.#startSites(materials, office, connecting);
    const proven = connecting.proven();
    const [founded, segments, collectorKey] = await Promise.all([
      founding.founded,
      sampleRuntime(),
      newKemKey(),
    ]);
    this.#unlessClosed();
    this.#parts.ledger = founded.ledger;
    const { bundleBytes, version } = materials.image.verified.manifest;
    flow.end(
      'wrap',
      `version ${version}, one signed bundle of ${bundleBytes} bytes, ${segments.length} executable segments expected`,
    );
    const { ledger, name, operatorKey, registryKey } = founded;
    const lives = this.#openLives({
      sites,
      office,
      image: materials.image,
      pipeline: name,
      collector: collectorKey.publicKey,
    });
    onPhase(`${specs.length} agents start; the contracts of the pipeline are deployed`);
    const orders = lives.startAll();
    const registrars = waitingCalls({ chainId: ledger.chainId, attestation: founded.contract });
    const { store } = materials;
    office.open({ ledger: registrars, name, segments, store, sites: sites.names });
    this.#cleanUps.push(() => office.close());
    const isManned = () => sites.isGuarded() && sites.names.every((site) => office.knowsHolder(site));
    const manned = this.#until(isManned, 'every site has a guard and a daemon');
    // What they are registered with is drawn while the contracts are not there yet.
    const registered = manned.then(() => Promise.all(orders.map((each) => lives.register(each))));
    registered.catch(() => {});
    const address = await founding.deployed;
    this.#unlessClosed();
    this.#parts.address = address;
    const open = (privateKey: Hex) => createLedger({ url: ledger.url, privateKey, pipeline: address });
    const [operator, registryLedger] = await Promise.all([open(operatorKey), open(registryKey)]);
    this.#cleanUps.push(() => operator.close());
    flow.end('contracts', `attestation ${address.attestation}, keys ${address.keys}`);
    this.#parts.checkpoints = this.#cosign(address, operatorKey, sites);
    this.#parts.collector = this.#collect(collectorKey, name);
    this.#follow(registryLedger, office, lives);
    await manned;
    await proven;
    if (sites.names.length === 1)
      onPhase('one site: nobody shares the answers of rounds with the registry, which is trusted with them');
    flow.end('deploy', `${sites.names.length} sites have a daemon and a guard`);
    flow.begin('credentials');
    const platforms = office.platforms.enrolled;
    sites.open({ kind: 'pipeline', url: ledger.url, address, name, platforms }, ledger.socketUrl);
    onPhase('guards and agents are enrolled; the registry challenges every agent');
    const enrolment = new Enrolment({
      operator,
      agentsAt: (site) => sites.agentsAt(site),
      accountOf: (site) => sites.accountOf(site),
      platformOf: (site) => platforms[site],
    });
    this.#parts.enrolment = enrolment;
    const accounts = new Map([...sites.guards()].map(([site, { account }]) => [site, account] as const));
    const enrolled = enrolment.found(accounts, order);
    await enrolled.taken;
    for (const step of ['register', 'initial-attestation', 'mutual-plan'] as const) flow.begin(step);
    // In the same block as their enrolment, behind it.
    registrars.open(registryLedger);
    await enrolled.final;
    flow.end('credentials', `the accounts of ${sites.names.length} guards may speak for their agents`);
    await registered;
    flow.end('register', `${specs.length} reference values are kept, their challenges are on the ledger`);
    await this.#until(
      () => isReady(this.#trust, this.#roster.specs),
      'every agent is attested and holds the group key',
    );
    const siteOpening = new SiteOpening({
      network,
      sites,
      enrolment,
      trust: this.#trust,
      withTpm: this.#options.evidence?.kind === 'guard+tpm',
      knows: (site) => office.knowsHolder(site),
      until: (holds, what) => this.#until(holds, what),
      onPhase,
    });
    this.#parts.regrouping = new Regrouping({
      roster: this.#roster,
      sites,
      enrolment,
      openSite: (site) => siteOpening.open(site),
      place: (agent) => lives.place(agent),
      gone: (agent) => lives.gone(agent),
    });
    flow.end('keys', `epoch ${this.#trust.epoch?.epoch ?? 0} is held by all ${specs.length} agents`);
    flow.end('operation', 'the pipeline is up: rounds go on while it runs');
    onPhase(`all agents are attested and keyed after ${((monotonicMs() - beganMs) / 1000).toFixed(1)} s`);
    lives.renew();
  }

  /** What would be started now, nobody would end. */
  #unlessClosed(): void {
    if (this.#closed) throw new MusterError('INTERRUPTED', 'closed while it came up');
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { lives, collector, sites } = this.#parts;
    lives?.close();
    await collector?.settled();
    await sites?.close();
    for (const cleanUp of this.#cleanUps.reverse()) await cleanUp();
  }

  #openOffice({ platforms }: Materials): RegistryOffice {
    const { onNote, onAppraisal } = this.#options;
    return new RegistryOffice({
      trust: this.#trust,
      roster: this.#roster,
      platforms,
      periodS: this.#timing.period,
      sites: () => this.#parts.sites,
      onNote,
      onAppraisal: (text) => onAppraisal?.(text),
    });
  }

  #startSites(
    { programs, image, network }: Materials,
    office: RegistryOffice,
    connecting: Connecting,
  ): LiveSites {
    const { dir, evidence, onFault, onAct, onAbort, onAward, onAppraisal, onNote } = this.#options;
    const readers: Omit<SiteNewsReaders, 'commands'> = {
      trust: this.#trust,
      refusals: this.#refusals,
      office,
      sites: () => this.#parts.sites,
      collector: () => this.#parts.collector,
      checkpoints: () => this.#parts.checkpoints,
      lives: () => this.#parts.lives,
      onConnected: (site, others) => connecting.reached(site, others, this.#parts.sites?.names.length ?? 0),
      onAct,
      onAbort,
      onAward,
      onAppraisal: (text) => onAppraisal?.(text),
      onNote,
    };
    const commands = commandsAhead(readers);
    this.#parts.commands = commands;
    const sites = new LiveSites({
      siteOf: this.#roster.siteOf,
      specs: () => this.#roster.specs,
      dir,
      network,
      programs,
      operatorKey: image.operatorKey,
      tpmOf: (site) => (evidence?.kind === 'guard+tpm' ? evidence.tctiOf(site) : undefined),
      onHolder: (site, kemKey) => {
        office.takeHolder(site, kemKey);
        this.#turn.changed();
      },
      onMessage: (site, message) => readSiteNews({ ...readers, commands }, site, message),
      onGuard: (site, guard, before) => this.#onGuard(site, guard.account, before?.account),
      onFault,
      onPulse: (site, silentMs) => this.#options.onPulse?.(site, silentMs),
    });
    this.#parts.sites = sites;
    return sites;
  }

  #openLives(among: Omit<LivesAmong, 'options' | 'roster' | 'trust'>): AgentLives {
    const { lives, images, upgrades, release } = openLives({
      ...among,
      options: this.#options,
      roster: this.#roster,
      trust: this.#trust,
    });
    Object.assign(this.#parts, { lives, images, upgrades } satisfies PipelineParts);
    this.#cleanUps.push(release);
    return lives;
  }

  #cosign(pipeline: PipelineAddress, operatorKey: Hex, sites: LiveSites): Checkpoints {
    const { onFault } = this.#options;
    return new Checkpoints({
      pipeline,
      operatorKey,
      guards: () => sites.guards(),
      ask: (number) => sites.tellGuards({ kind: 'cosign', number }),
      onFault,
    });
  }

  #collect(kemKey: KemKey, pipeline: string): Collector {
    const { onBatch, onFault } = this.#options;
    return new Collector({
      kemKey,
      trust: this.#trust,
      pipeline,
      onBatch,
      onRefused: (agent, reason) => onFault('telemetry-refused', agent, reason),
    });
  }

  #follow(ledger: Ledger, office: RegistryOffice, lives: AgentLives): void {
    this.#parts.registryLedger = ledger;
    const following = ledger.follow({
      fromBlock: ledger.pipeline.fromBlock,
      onBlock: (block) => {
        this.#pulse.onBlock();
        this.#trust.apply(block);
        office.onBlock(block);
        this.#parts.checkpoints?.onBlock(block, this.#trust.state);
        this.#parts.collector?.onBlock();
        lives.onBlock(block);
        this.#parts.commands?.again();
        this.#options.onBlock(block);
        const names = this.#roster.specs.map((each) => each.name);
        this.#flow.onLedger(this.#trust.state, names);
        this.#turn.changed();
      },
      onSilence: (silent) => this.#pulse.onSilence(silent),
      onFault: (error) => this.#options.onFault('ledger-changed', 'ledger', error.message),
    });
    this.#cleanUps.push(() => {
      following.stop();
      ledger.close();
    });
  }

  /** A guard has come up: the first of its site, or one in the place of another that has ended with its agents. */
  #onGuard(site: string, account: Hex, before: Hex | undefined): void {
    this.#turn.changed();
    if (before === undefined || this.#parts.enrolment === undefined || this.#closed) return;
    const enrolled = this.#parts.enrolment.replace(site, before, account);
    this.#parts.lives?.startAnew(this.#parts.sites?.agentsAt(site) ?? [], enrolled);
  }

  #until(holds: () => boolean, what: string): Promise<void> {
    const { signal } = this.#options;
    const tell = () => standings(this.#trust);
    return this.#turn.until({ what, withinMs: READY_WITHIN_MS, holds, tell, signal });
  }
}
