import { randomUUID } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { Infrastructure } from '../../ports/infrastructure.ts';
import type { Store } from '../../ports/store.ts';
import type { ImageTarget } from '../../protocol/site-config.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { LifeKeeper } from './life-keeper.ts';
import type { ServiceEvent } from './operations.ts';
import type { Placer } from './placer.ts';
import { ServiceManager } from './service-manager.ts';
import { packagesIn } from './service-packages.ts';

export interface ServicesOptions {
  /** Their own, see `openServiceStore`; whoever opened it closes it. */
  readonly store: Store;
  readonly packages: Store;
  readonly infrastructure: Infrastructure;
  readonly placer: Placer;
  /** What the sites have; absent: no service makes room for another. */
  readonly substrate?: Substrate;
  readonly clock: Clock;
  /** What stands for an image here; undefined: nothing. */
  imageFor(image: string): ImageTarget | undefined;
  onTrouble(text: string): void;
  /** Is told what happens from the first moment on. */
  onEvent?(event: ServiceEvent): void;
  /** ms since 1970; absent: of this machine. */
  wallMs?(): number;
  /** Names of services and operations; absent: random ones. */
  newId?(): string;
}

/** Services of this machine while they run. */
export interface RunningServices {
  readonly operations: ServiceManager;
  /** Is told which sites are silent. */
  readonly keeper: LifeKeeper;
  /** Units go on; whoever starts services next adopts them. */
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 200;
const START_WITHIN_MS = 60_000;

/** Takes over what an earlier life left in the store, and looks after services from then on. */
export async function startServices(options: ServicesOptions): Promise<RunningServices> {
  const deps = {
    ...options,
    packages: packagesIn(options.packages),
    startWithinMs: START_WITHIN_MS,
    wallMs: options.wallMs ?? Date.now,
    newId: options.newId ?? randomUUID,
  };
  const manager = new ServiceManager(deps);
  const keeper = new LifeKeeper({ ...deps, manager, everyMs: LOOK_EVERY_MS });
  manager.listen((event) => options.onEvent?.(event));
  await manager.start();
  keeper.start();
  return {
    operations: manager,
    keeper,
    close: async () => {
      await keeper.stop();
      await manager.close();
    },
  };
}
