import { createRealClock } from '../../adapters/clock-real/real-clock.ts';
import { createTwinInfrastructure } from '../../adapters/infrastructure-twin/twin-infrastructure.ts';
import { createMemoryStore } from '../../adapters/store-memory/memory-store.ts';
import type { Store } from '../../ports/store.ts';
import { imageTargetOf } from '../../protocol/catalogue.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import type { OpenedPackage } from '../packages/examine-package.ts';
import { type Onboarded, onboardPackages } from '../packages/onboard-packages.ts';
import type { Applied } from './operations.ts';
import { ServiceManager } from './service-manager.ts';
import { packagesIn } from './service-packages.ts';
import { addService } from './service-records.ts';

export interface Preview {
  /** What would become of the packages. */
  readonly onboarded: readonly Onboarded[];
  /** Empty when packages are refused. */
  readonly applied: readonly Applied[];
  /** A copy that has them onboarded. */
  readonly packages: Store;
}

/**
 * What applying would change, without changing anything: on a copy of the package store in memory, beside the services that there are.
 * `site`: the configuration by which images are mapped; `sites`: names of those that are up; null: none is.
 * @throws BAD_SERVICE, CONFLICT as applying would.
 */
export async function previewApply(
  packages: Store,
  opened: readonly OpenedPackage[],
  files: readonly ServiceFile[],
  existing: readonly ServiceInstance[],
  { site, sites }: { readonly site: SiteConfig; readonly sites: readonly string[] | null },
): Promise<Preview> {
  const copy = await copied(packages);
  const onboarded = await onboardPackages(copy, opened, { site, update: true, nowMs: Date.now() });
  if (onboarded.some(({ outcome }) => outcome === 'refused'))
    return { onboarded, applied: [], packages: copy };
  const store = createMemoryStore();
  for (const service of existing) await addService(store, service);
  const nothing = () => {
    throw new MusterError('INTERNAL', 'a preview begins nothing');
  };
  const clock = createRealClock({ startAtMs: 0 });
  const manager = new ServiceManager({
    store,
    packages: packagesIn(copy),
    imageFor: (image) => imageTargetOf(site, image),
    ...(sites === null ? {} : { sites }),
    infrastructure: createTwinInfrastructure(clock),
    placer: { place: nothing, offer: nothing, release: nothing, lower: nothing, adopt: nothing },
    clock,
    startWithinMs: 0,
    wallMs: () => Date.now(),
    newId: () => 'planned',
    onTrouble: () => {},
  });
  const applied: Applied[] = [];
  for (const service of files) applied.push(await manager.apply({ service, dryRun: true }));
  return { onboarded, applied, packages: copy };
}

/** The same values in memory: what is tried there leaves no trace. */
export async function copied(store: Store): Promise<Store> {
  const view = await store.view();
  const copy = createMemoryStore();
  const changes = await Promise.all(
    view
      .keys('')
      .map(async (key) => ({ kind: 'put' as const, key, value: (await view.get(key)) ?? new Uint8Array() })),
  );
  await copy.update(async () => ({ changes, answer: undefined }));
  return copy;
}
