import { createMemoryBus } from '../../adapters/bus-memory/memory-bus.ts';
import { createRealClock, type RealClock } from '../../adapters/clock-real/real-clock.ts';
import { createHighsOptimum } from '../../adapters/optimum-highs/highs-optimum.ts';
import type { LevelStore } from '../../adapters/store-level/level-store.ts';
import { isOver } from '../../core/lifecycle/operation-machine.ts';
import { CHAIN_TERMS } from '../../core/negotiation/chain-spec.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Infrastructure } from '../../ports/infrastructure.ts';
import type { Store } from '../../ports/store.ts';
import { imageTargetOf } from '../../protocol/catalogue.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { OptimumOrder } from '../../protocol/optimum-view.ts';
import type { ServiceControlView } from '../../protocol/service-control.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import type { Alarm, ServicesSummary } from '../../protocol/up-status.ts';
import { backupOf } from '../backup/backup-home.ts';
import type { JournalWriter } from '../journal-writer.ts';
import type { RunningNetwork } from '../network/running-network.ts';
import { openPackageStore } from '../packages/open-package-store.ts';
import type { AgentGroup } from '../pipelines/agent-group.ts';
import { serviceToControl } from '../pipelines/service-to-control.ts';
import { createAgentPlacer } from '../placement/agent-placer.ts';
import { createPlacingAgents, type PlacingAgents } from '../placement/placing-agents.ts';
import { ServiceControl, type ServiceControlDeps } from '../service-control/service-control.ts';
import { OptimumComparison } from '../services/compare-with-optimum.ts';
import { type LateServices, lateServices } from '../services/late-services.ts';
import { openServiceStore } from '../services/open-service-store.ts';
import { type RunningServices, startServices } from '../services/start-services.ts';
import { functionsDirectory } from './functions-directory.ts';
import { serviceAlarms } from './service-alarms.ts';
import { keepServiceJournal } from './service-journal.ts';
import { openUpInfrastructure, type UpInfrastructure } from './up-infrastructure.ts';

/** What agents that place services stand on. */
export interface PlacingContext {
  readonly substrate: Substrate;
  /** Of services: real, in step with that of the network. */
  readonly clock: Clock;
  readonly journal: JournalWriter;
  readonly network: Pick<RunningNetwork, 'genuine' | 'placing'>;
}

/** Who bargains for the places of services. */
export type OpenPlacingAgents = (context: PlacingContext) => PlacingAgents;

export interface UpServicesOptions {
  /** `MUSTER_HOME`: packages and services are below it. */
  readonly home: string;
  readonly substrate: Substrate;
  /** What stands for images, and which webhooks are allowed. */
  readonly site: SiteConfig;
  /** Where no agents of the pipeline do it; absent: agents of this process. */
  readonly openAgents?: OpenPlacingAgents;
}

export interface UpContext {
  readonly plane: 'twin' | 'linux';
  readonly network: Pick<RunningNetwork, 'genuine' | 'placing' | 'openServiceLinks'>;
  readonly journal: JournalWriter;
  /** On the clock of the network. */
  nowMs(): number;
  /** See `BuiltTestbed`. */
  zeroNs(): bigint | undefined;
  onTrouble(text: string): void;
}

/** Services beside a pipeline that is up: their stores, what runs their functions, who places them, and whoever looks after them. */
export class UpServices {
  readonly options: UpServicesOptions;
  /** For the interfaces: before they are started there are none. */
  readonly operations: LateServices = lateServices();
  readonly packages: Store;
  readonly store: LevelStore;
  readonly #lost = new Map<string, number>();
  /** Sites that are back, and of which not all has been done yet. */
  readonly #retries = new Map<string, Timer>();
  #closed = false;
  /** The last operation of each service, where it waits for an operator, or was begun by Muster and came to nothing. */
  readonly #troubled = new Map<string, Operation>();
  #clock: RealClock | undefined;
  #infrastructure: UpInfrastructure | undefined;
  #agents: PlacingAgents | undefined;
  #running: RunningServices | undefined;
  #control: ServiceControl | undefined;
  #closeJournal: (() => void) | undefined;

  private constructor(options: UpServicesOptions, packages: Store, store: LevelStore) {
    this.options = options;
    this.packages = packages;
    this.store = store;
  }

  /** Opens the stores alone. @throws as `openLevelStore`: another process may have them, or they are damaged. */
  static async open(options: UpServicesOptions): Promise<UpServices> {
    const packages = await openPackageStore(options.home);
    return new UpServices(options, packages, await openServiceStore(options.home));
  }

  /** What the interfaces for services stand on. */
  northbound() {
    const { site, substrate } = this.options;
    const comparison = new OptimumComparison({
      substrate,
      optimum: createHighsOptimum(),
      services: () => this.operations.list(),
    });
    return {
      services: this.operations,
      packages: this.packages,
      // Their keys have beginnings of their own.
      records: this.store,
      backup: () => backupOf({ services: this.store, packages: this.packages, home: this.options.home }),
      compare: (order: OptimumOrder) => comparison.compare(order),
      site,
      control: (service: string) => this.controlOf(service),
      infrastructure: () => this.infrastructure,
      sites: () => substrate.sites,
      nowMs: () => Date.now(),
    };
  }

  /** Takes over what an earlier `muster up` left, and looks after services from then on. */
  async start({ plane, network, journal, nowMs, zeroNs, onTrouble }: UpContext): Promise<void> {
    const { home, substrate, site, openAgents = agentsOfThisProcess } = this.options;
    const clock = createRealClock({ startAtMs: nowMs() });
    const zero = zeroNs();
    if (zero !== undefined) clock.setZeroNs(zero);
    this.#clock = clock;
    this.#infrastructure = await openUpInfrastructure({
      plane,
      substrate,
      clock,
      directory: functionsDirectory(home),
      operatorKey: site.operatorKey,
      onNotice: onTrouble,
    });
    this.#agents = network.placing ?? openAgents({ substrate, clock, journal, network });
    this.#closeJournal = keepServiceJournal(this.operations, journal, () => clock.nowMs());
    this.operations.listen((event) => {
      if (event.kind === 'operation') this.#note(event.operation);
    });
    const running = await startServices({
      store: this.store,
      packages: this.packages,
      infrastructure: this.#infrastructure.infrastructure,
      placer: createAgentPlacer(this.#agents, substrate),
      substrate,
      clock,
      imageFor: (image) => imageTargetOf(site, image),
      onTrouble,
      onEvent: this.operations.hear,
    });
    this.#running = running;
    this.operations.open(running.operations);
    const operations = await running.operations.operations();
    for (const operation of operations.toReversed()) this.#note(operation);
    for (const [lost, sinceMs] of this.#lost) running.keeper.siteLost(lost, sinceMs);
    const links = await network.openServiceLinks({
      plane: this.#infrastructure.links,
      services: () => running.operations.services,
      onTrouble,
    });
    this.operations.listen(({ kind }) => {
      if (kind === 'service') void links.sync();
    });
  }

  /** From now on the control agents of services are kept in step with them; they have been started before. */
  startControl(group: (clock: Clock) => AgentGroup, onStep: ServiceControlDeps['onStep']): void {
    const clock = this.#clock;
    const running = this.#running;
    if (clock === undefined || running === undefined) return;
    const control = new ServiceControl({
      group: group(clock),
      services: () => running.operations.services,
      toControl: (service) => serviceToControl(service, this.packages, this.options.site),
      clock,
      everyMs: CONTROL_EVERY_MS,
      onStep,
    });
    this.#control = control;
    this.operations.listen(({ kind }) => {
      if (kind === 'service') control.heard();
    });
    control.start();
  }

  /** The control agents of a service. @throws CONFLICT while they are not looked after. */
  async controlOf(ref: string): Promise<ServiceControlView> {
    const service = await this.operations.get(ref);
    if (this.#control !== undefined) return this.#control.viewOf(service);
    throw new MusterError('CONFLICT', 'control agents are not managed yet', {
      hint: 'muster status tells when it is up; then ask again',
    });
  }

  /** A site has not been heard of since then, ms since 1970. */
  siteLost(site: string, sinceMs: number): void {
    if (!this.options.substrate.sites.some((each) => each === site)) return;
    this.#stopRetrying(site);
    this.#lost.set(site, sinceMs);
    this.#running?.keeper.siteLost(site, sinceMs);
  }

  /** It is silent no more once all is done that follows from it: what fails is told once, and tried again. */
  async siteBack(site: string): Promise<void> {
    const sinceMs = this.#lost.get(site);
    if (sinceMs === undefined) return;
    this.#stopRetrying(site);
    try {
      await this.#running?.keeper.siteBack(site);
    } catch (error) {
      const clock = this.#clock;
      if (clock !== undefined && this.#lost.get(site) === sinceMs && !this.#closed) {
        const again = clock.at(clock.nowMs() + RETRY_MS, () => void this.siteBack(site).catch(() => {}));
        this.#retries.set(site, again);
      }
      throw error;
    }
    const lostAnewMs = this.#lost.get(site);
    if (lostAnewMs === sinceMs) this.#lost.delete(site);
    else if (lostAnewMs !== undefined) this.#running?.keeper.siteLost(site, lostAnewMs);
  }

  #stopRetrying(site: string): void {
    this.#retries.get(site)?.cancel();
    this.#retries.delete(site);
  }

  /** What runs functions; undefined: it is not started. */
  get infrastructure(): Infrastructure | undefined {
    return this.#infrastructure?.infrastructure;
  }

  /** What an operator has to know of, as sentences. */
  alarms(): readonly Alarm[] {
    return this.#running === undefined
      ? []
      : serviceAlarms(
          this.#running.operations.services,
          [...this.#lost.keys()],
          [...this.#troubled.values()],
          this.#running.operations.unbooked,
          this.#control?.lacking,
        );
  }

  /** Sites that are silent, and since when, ms since 1970. */
  lost(): readonly { readonly site: string; readonly sinceMs: number }[] {
    return [...this.#lost].map(([site, sinceMs]) => ({ site, sinceMs }));
  }

  /** Services by their state, and how many of their units run. */
  summary(): ServicesSummary {
    const services = this.#running?.operations.services ?? [];
    const units = services.flatMap(({ shape }) => shape.units);
    return {
      sites: this.options.substrate.sites.length,
      services: services.length,
      instantiated: services.filter(({ state }) => state === 'INSTANTIATED').length,
      units: units.length,
      running: units.filter(({ state }) => state === 'running').length,
      lostSites: [...this.#lost.keys()],
    };
  }

  /** What services are stays in the store; their functions end, unless they are to be kept. */
  async close(keepFunctions: boolean): Promise<void> {
    this.#closed = true;
    this.#control?.close();
    for (const site of [...this.#retries.keys()]) this.#stopRetrying(site);
    this.operations.shut();
    await this.#running?.close();
    this.#closeJournal?.();
    this.#agents?.stop();
    await this.#infrastructure?.close(keepFunctions || (await this.#foundFunctions()));
    this.#clock?.close();
    await this.store.close();
  }

  /** Whether functions run of which services could not be taken over: they are left as they were found. */
  async #foundFunctions(): Promise<boolean> {
    if (this.#running !== undefined) return false;
    return ((await this.infrastructure?.list()) ?? []).length > 0;
  }

  #note(operation: Operation): void {
    const { id, service, state, automatic, params } = operation;
    // That a primitive has been carried out mends nothing else, and what has not moved runs as well as before.
    const aside = params.kind === 'action' || params.kind === 'migrate';
    const nothing = automatic && ((state === 'ROLLED_BACK' && !aside) || state === 'FAILED');
    const before = this.#troubled.get(service);
    if (nothing || state === 'FAILED_TEMP') this.#troubled.set(service, operation);
    else if (isOver(state) && (!aside || before?.id === id)) this.#troubled.delete(service);
  }
}

const RETRY_MS = 1000;
const CONTROL_EVERY_MS = 10_000;
/** How many agents take services on, in turn. */
const MOST_ORCHESTRATORS = 8;

function agentsOfThisProcess({ substrate, clock, journal }: PlacingContext): PlacingAgents {
  return createPlacingAgents({
    substrate,
    clock,
    bus: createMemoryBus(clock, 0),
    terms: CHAIN_TERMS,
    orchestrators: Math.min(MOST_ORCHESTRATORS, substrate.sites.length),
    // Not to be taken for the agents of the pipeline, which have processes of their own.
    sinkOf: (agent) => journal.sinkOf(`${agent}.here`),
  });
}
