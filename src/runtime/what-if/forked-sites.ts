import { createVirtualClock } from '../../adapters/clock-virtual/virtual-clock.ts';
import { createTwinInfrastructure } from '../../adapters/infrastructure-twin/twin-infrastructure.ts';
import { createTwinPorts } from '../../adapters/infrastructure-twin/twin-ports.ts';
import { createTwinTestbed } from '../../adapters/plane-twin/twin-testbed.ts';
import { createSeededRandom } from '../../adapters/random-seeded/seeded-random.ts';
import { createMemoryStore } from '../../adapters/store-memory/memory-store.ts';
import type { Store } from '../../ports/store.ts';
import { imageTargetOf } from '../../protocol/catalogue.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { NodeName } from '../../protocol/ids.ts';
import type { Placing } from '../../protocol/placing.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import { RecordedScenarioSchema } from '../../protocol/scenario.ts';
import type { ServiceInstance, UnitRecord } from '../../protocol/service-record.ts';
import { SILENT_MS } from '../genuine/site-pulse.ts';
import { sitesOf } from '../genuine/sites.ts';
import type { JournalWriter } from '../journal-writer.ts';
import { RunningNetwork } from '../network/running-network.ts';
import { createAgentPlacer } from '../placement/agent-placer.ts';
import { placingOf } from '../placement/placing-of.ts';
import { siteScenario } from '../placement/site-agents.ts';
import type { ServiceLinks } from '../service-links/service-links.ts';
import { orderOf } from '../services/carry-out-step.ts';
import { readServices } from '../services/service-records.ts';
import { type RunningServices, startServices } from '../services/start-services.ts';
import { keepServiceJournal } from '../up/service-journal.ts';
import type { SitesFork } from './fork.ts';
import { ForkedDemand } from './forked-demand.ts';

/** Time for agents to open their books and for services to be taken over; then it is 0. */
const START_MS = -20_000;
const STEP_MS = 10;
/** Work begun by promises takes no virtual time: it is over after so many turns of the event loop. */
const SETTLE_TURNS = 12;
/** Far from those that the live network has given. */
const ADDRESSES_TAKEN = 1 << 20;

/** The scenario of a fork: its sites, and agents that stand for those that are up. */
export function scenarioOfFork(
  { substrate, agents }: SitesFork,
  title: string,
  durationMs: number,
): Scenario {
  const sites = siteScenario(substrate);
  const all = [...(sites.agents ?? []), ...agents];
  return RecordedScenarioSchema.parse({
    ...sites,
    name: 'what-if',
    title: title.slice(0, 200),
    durationMs,
    agents: all,
  });
}

export interface ForkedSitesOptions {
  readonly fork: SitesFork;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly journal: JournalWriter;
}

/**
 * Sites and services as they were when they were forked, in a twin on a clock of its own: the same orchestration, the same agents, nothing
 * of the live network.
 */
export class ForkedSites {
  readonly clock = createVirtualClock({ startAtMs: START_MS });
  readonly twin = createTwinInfrastructure(this.clock, { addressesTaken: ADDRESSES_TAKEN });
  readonly ports = createTwinPorts(this.twin, this.clock);
  readonly trouble: string[] = [];
  readonly placing: Placing;
  readonly network: RunningNetwork;
  readonly demand: ForkedDemand;
  readonly #options: ForkedSitesOptions;
  readonly #cut = new Set<string>();
  readonly #closing: (() => void)[] = [];
  #before: readonly ServiceInstance[] = [];
  #services: RunningServices | undefined;
  #links: ServiceLinks | undefined;

  private constructor(options: ForkedSitesOptions) {
    const { fork, scenario, seed, journal } = options;
    const { clock } = this;
    this.#options = options;
    const seeded = createSeededRandom(seed);
    this.placing = placingOf(fork.substrate);
    const random = seeded.fork('network');
    this.demand = new ForkedDemand({
      demand: fork.demand,
      clock,
      random: seeded,
      twin: this.twin,
      ports: this.ports,
      services: () => this.services,
      isWhole: (service) => this.isWhole(service),
      onUnguarded: () => void this.#links?.sync(),
    });
    this.network = new RunningNetwork({
      scenario,
      seed,
      startMs: START_MS,
      genuine: false,
      built: {
        plane: 'twin',
        testbed: createTwinTestbed({ scenario, random, clock }),
        clock,
        zeroNs: () => undefined,
        latencyMs: 1,
      },
      journal,
      placing: this.placing,
      onPhase: (text) =>
        journal.record(clock.nowMs(), { kind: 'phase', because: [], phase: text, reason: text }),
      onDeliver: () => true,
      pass: (untilMs) => this.passUntil(untilMs),
    });
  }

  /** All of it, at the time 0 of its clock. */
  static async open(options: ForkedSitesOptions): Promise<ForkedSites> {
    const forked = new ForkedSites(options);
    await forked.#open();
    return forked;
  }

  /** As they were taken. */
  get before(): readonly ServiceInstance[] {
    return this.#before;
  }

  get services(): readonly ServiceInstance[] {
    return this.#running.operations.services;
  }

  async operations() {
    return this.#running.operations.operations();
  }

  async passUntil(ms: number): Promise<void> {
    const { clock } = this;
    while (clock.nowMs() < ms) {
      await settled();
      clock.runUntil(Math.min(ms, clock.nowMs() + STEP_MS));
    }
    await settled();
  }

  /** Whether all that a service is made of runs where it can be reached, and each of its chains leads through. */
  isWhole({ shape, state }: ServiceInstance): boolean {
    const { units, chains } = shape;
    const there = units.filter((unit) => unit.state !== 'stopping');
    const runs = ({ state: now, host }: UnitRecord) =>
      now === 'running' && host !== null && !this.#cut.has(host);
    return (
      state === 'INSTANTIATED' &&
      there.length > 0 &&
      there.every(runs) &&
      chains.every(({ id }) => this.twin.send(id, `${id} ${this.clock.nowMs()}`) !== undefined)
    );
  }

  /** Hosts and agents of a site fall silent; that is noticed as it is in a live network. */
  loseSite(site: NodeName): void {
    const { fork, scenario, journal } = this.#options;
    const { clock, network } = this;
    const lostMs = clock.nowMs();
    for (const { name, site: at } of fork.substrate.hosts) {
      if (at !== site) continue;
      this.twin.cutOff(name);
      this.#cut.add(name);
    }
    const where = sitesOf(scenario, network.fleet.specs);
    const gone = network.fleet.specs.map(({ name }) => name).filter((name) => where.get(name) === site);
    for (const agent of gone) network.kill(agent);
    clock.at(lostMs + SILENT_MS, () => {
      const reason = `its daemon has said nothing for ${SILENT_MS} ms`;
      journal.record(clock.nowMs(), {
        kind: 'fault',
        because: [],
        fault: 'site-silent',
        subject: site,
        reason,
      });
      network.placing?.siteLost(site);
      for (const agent of gone) this.#links?.ended(agent);
      this.#running.keeper.siteLost(site, this.#wallMs(lostMs));
    });
  }

  async close(): Promise<void> {
    this.demand.stop();
    for (const close of this.#closing) close();
    await this.#services?.close();
    await this.network.close();
    await this.ports.close();
    this.clock.close();
  }

  get #running(): RunningServices {
    if (this.#services === undefined) throw new MusterError('INTERNAL', 'the fork is not open yet');
    return this.#services;
  }

  #wallMs(atMs: number): number {
    return Math.round(this.#options.fork.takenAtMs + atMs);
  }

  async #open(): Promise<void> {
    const { fork, journal } = this.#options;
    const { clock, network, twin } = this;
    const [store, packages] = [await storeOf(fork.services), await storeOf(fork.packages)];
    await this.#inTime(this.#startUnits(store));
    await this.#inTime(network.start());
    const placing = network.placing;
    if (placing === undefined) throw new MusterError('INTERNAL', 'no agent of the fork places services');
    let ids = 0;
    let running: RunningServices | undefined;
    const listening: Parameters<typeof keepServiceJournal>[0] = {
      listen: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const listeners = new Set<Parameters<typeof listening.listen>[0]>();
    this.#closing.push(keepServiceJournal(listening, journal, () => clock.nowMs()));
    running = await this.#inTime(
      startServices({
        store,
        packages,
        infrastructure: twin,
        placer: createAgentPlacer(placing, fork.substrate),
        substrate: fork.substrate,
        clock,
        imageFor: (image) => imageTargetOf(fork.site, image),
        onTrouble: (text) => this.trouble.push(text),
        onEvent: (event) => {
          for (const listener of listeners) listener(event);
        },
        wallMs: () => this.#wallMs(clock.nowMs()),
        newId: () => `forked-${++ids}`,
      }),
    );
    this.#services = running;
    for (const { site, sinceMs } of fork.lost) {
      this.loseSite(site);
      running.keeper.siteLost(site, sinceMs);
    }
    const links = await network.openServiceLinks({
      plane: { ...this.ports, guard: (wanted) => this.demand.guard(wanted) },
      services: () => this.services,
      onTrouble: (text) => this.trouble.push(text),
    });
    this.#links = links;
    listeners.add(({ kind }) => {
      if (kind === 'service') void links.sync();
    });
    this.demand.begin();
    if (clock.nowMs() > 0) {
      throw new MusterError(
        'NOT_SUPPORTED',
        'the services are too many to be taken over in the twin in time',
        {
          hint: 'terminate what is not needed',
        },
      );
    }
    await this.passUntil(0);
  }

  /** Units that run, where they run and with the addresses that they have. */
  async #startUnits(store: Store): Promise<void> {
    this.#before = await readServices(await store.view());
    for (const { id, shape } of this.#before) {
      for (const unit of shape.units) {
        if (unit.host === null || (unit.state !== 'running' && unit.state !== 'stopping')) continue;
        const order = orderOf(id, unit);
        const interfaces = order.interfaces.map((each) => {
          const address = unit.addresses[each.name] ?? each.address;
          return { ...each, ...(address === undefined ? {} : { address }) };
        });
        await this.twin.start({ ...order, interfaces });
      }
    }
    await this.passUntil(this.clock.nowMs() + 500);
  }

  /** Lets time pass until it has come about. */
  async #inTime<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const end = () => {
      over = true;
    };
    work.then(end, end);
    await settled();
    while (!over && this.clock.nowMs() < 0) await this.passUntil(this.clock.nowMs() + STEP_MS);
    return work;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

async function storeOf(entries: readonly (readonly [string, string])[]): Promise<Store> {
  const store = createMemoryStore();
  const changes = entries.map(([key, value]) => ({
    kind: 'put' as const,
    key,
    value: new Uint8Array(Buffer.from(value, 'base64')),
  }));
  await store.update(async () => ({ changes, answer: undefined }));
  return store;
}
