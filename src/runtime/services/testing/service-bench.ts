import { createVirtualClock, type VirtualClock } from '../../../adapters/clock-virtual/virtual-clock.ts';
import {
  createTwinInfrastructure,
  type TwinInfrastructure,
  type TwinInfrastructureOptions,
} from '../../../adapters/infrastructure-twin/twin-infrastructure.ts';
import { createMemoryStore } from '../../../adapters/store-memory/memory-store.ts';
import { isOver } from '../../../core/lifecycle/operation-machine.ts';
import type { Store } from '../../../ports/store.ts';
import { nodeName } from '../../../protocol/ids.ts';
import type { Operation } from '../../../protocol/operation-record.ts';
import type { ImageTarget } from '../../../protocol/site-config.ts';
import type { Host, Substrate } from '../../../protocol/substrate.ts';
import { onboardPackages } from '../../packages/onboard-packages.ts';
import { bare } from '../../packages/testing/sample-files.ts';
import { LifeKeeper } from '../life-keeper.ts';
import type { ServiceEvent } from '../operations.ts';
import { ServiceManager, type ServiceManagerDeps } from '../service-manager.ts';
import { packagesIn } from '../service-packages.ts';
import { createBargainingPlacer } from './bargaining-placer.ts';
import { type BenchPlacer, createFirstFitPlacer } from './first-fit-placer.ts';

export interface ServiceBench {
  readonly clock: VirtualClock;
  readonly twin: TwinInfrastructure;
  /** Of this life. */
  readonly placer: BenchPlacer;
  readonly store: Store;
  readonly packages: Store;
  /** Things that went wrong unseen. */
  readonly trouble: string[];
  /** What was told since the manager took over. */
  readonly told: readonly ServiceEvent[];
  readonly manager: ServiceManager;
  readonly keeper: LifeKeeper;
  onboard(...texts: readonly string[]): Promise<void>;
  /** Lets time pass until it is so, at most `withinMs`; says after how long. */
  until(what: () => boolean | Promise<boolean>, withinMs?: number): Promise<number>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  /** The manager ends without a word, in the middle of what it does, and another one takes over. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export interface ServiceBenchOptions extends TwinInfrastructureOptions {
  /** Hosts of each site, each of 8 vCPU. */
  readonly sites?: Readonly<Record<string, number>>;
  readonly vcpus?: number;
  /** Instead: places are bargained for between the agents of its sites, which end with each life. */
  readonly substrate?: Substrate;
  readonly images?: (image: string) => ImageTarget | undefined;
}

const STEP_MS = 10;

/** Services over the twin, on a virtual clock. Whatever is onboarded has an image. */
export async function serviceBench(options: ServiceBenchOptions = {}): Promise<ServiceBench> {
  const clock = createVirtualClock({ startAtMs: 0 });
  const twin = createTwinInfrastructure(clock, options);
  const hosts = Object.entries(options.sites ?? { north: 2, south: 2 }).flatMap(([site, count]) =>
    Array.from(
      { length: count },
      (_, n): Host => ({
        name: nodeName(`${site}-${n + 1}`),
        site: nodeName(site),
        vcpus: options.vcpus ?? 8,
        memoryMib: 65_536,
        storageGb: 1000,
        energyPrice: 0,
      }),
    ),
  );
  const { substrate } = options;
  const firstFit = createFirstFitPlacer(hosts);
  const store = createMemoryStore();
  const packages = createMemoryStore();
  const trouble: string[] = [];
  let told: ServiceEvent[] = [];
  let ids = 0;
  const common: Omit<ServiceManagerDeps, 'store' | 'placer'> = {
    infrastructure: twin,
    clock,
    packages: packagesIn(packages),
    imageFor: options.images ?? ((image) => ({ catalogue: image })),
    startWithinMs: 5000,
    wallMs: () => clock.nowMs(),
    newId: () => `id-${++ids}`,
    onTrouble: (text) => trouble.push(text),
  };
  const life = async () => {
    // A life that has ended writes no more: its process is gone.
    let alive = true;
    const mortal: Store = {
      view: () => store.view(),
      update: (decide) => (alive ? store.update(decide) : new Promise(() => {})),
    };
    const bargaining = substrate === undefined ? undefined : createBargainingPlacer(clock, substrate);
    const deps = {
      ...common,
      placer: bargaining ?? firstFit,
      ...(substrate === undefined ? { sites: [...new Set(hosts.map(({ site }) => site))] } : { substrate }),
    };
    const manager = new ServiceManager({ ...deps, store: mortal });
    const keeper = new LifeKeeper({ ...deps, manager, everyMs: 200 });
    const heard: ServiceEvent[] = [];
    told = heard;
    manager.listen((event) => heard.push(event));
    await passing(manager.start());
    keeper.start();
    const die = () => {
      alive = false;
      bargaining?.stop();
      void keeper.stop();
      void manager.close();
    };
    return { manager, keeper, placer: deps.placer, die };
  };
  const settle = async () => {
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const step = async () => {
    await settle();
    clock.runUntil(clock.nowMs() + STEP_MS);
    await settle();
  };
  /** Lets time pass until it has come about. */
  const passing = async (work: Promise<void>) => {
    let over = substrate === undefined;
    work.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    while (!over) await step();
    await work;
  };
  let living = await life();
  return {
    clock,
    twin,
    get placer() {
      return living.placer;
    },
    store,
    packages,
    trouble,
    get told() {
      return told;
    },
    get manager() {
      return living.manager;
    },
    get keeper() {
      return living.keeper;
    },
    onboard: async (...texts) => {
      const opened = texts.map((text, index) => bare(text, `${index}.yaml`));
      const site = { images: {}, webhooks: { allowHosts: [] } };
      const results = await onboardPackages(packages, opened, { site, update: true, nowMs: clock.nowMs() });
      const refused = results.filter(({ outcome }) => outcome === 'refused' || outcome === 'held-back');
      if (refused.length > 0)
        throw new Error(
          JSON.stringify(
            refused.flatMap(({ problems }) => problems),
            null,
            2,
          ),
        );
    },
    until: async (what, withinMs = 30_000) => {
      const from = clock.nowMs();
      await settle();
      while (!(await what())) {
        if (clock.nowMs() - from > withinMs)
          throw new Error(`not within ${withinMs} ms; ${trouble.join('; ')}`);
        await step();
      }
      return clock.nowMs() - from;
    },
    pass: async (ms) => {
      for (let passed = 0; passed < ms; passed += STEP_MS) await step();
    },
    crash: async () => {
      living.die();
      living = await life();
    },
    close: async () => {
      await living.keeper.stop();
      await living.manager.close();
      clock.close();
    },
  };
}

/** Lets time pass until an operation is over, or waits to be told what to do; answers it. */
export async function operationOver(
  { manager, until }: Pick<ServiceBench, 'manager' | 'until'>,
  operation: Operation | undefined,
): Promise<Operation> {
  const id = operation?.id ?? '';
  await until(async () => {
    const { state } = await manager.operation(id);
    return isOver(state) || state === 'FAILED_TEMP';
  });
  return manager.operation(id);
}
