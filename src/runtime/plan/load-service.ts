import type { ServicePlan } from '../../core/service-plan/plan-service.ts';
import { serviceGraph } from '../../core/service-plan/service-graph.ts';
import type { Store } from '../../ports/store.ts';
import { imageTargetOf } from '../../protocol/catalogue.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ServiceGraph } from '../../protocol/service-graph.ts';
import type { UnitRecord } from '../../protocol/service-record.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import type { OpenedPackage } from '../packages/examine-package.ts';
import { onboardPackages } from '../packages/onboard-packages.ts';
import { renderPackageProblems } from '../packages/render-package-problems.ts';
import { findRecord, storedDescriptor, storedVnfds } from '../packages/stored-packages.ts';
import { loadServiceFiles } from '../services/load-service-files.ts';
import { planOf, targetShape } from '../services/plan-of.ts';
import { copied } from '../services/preview.ts';
import { packagesIn } from '../services/service-packages.ts';
import { vnfdsBeside } from './vnfds-beside.ts';

/** A service as it would be instantiated, from its packages. */
export interface LoadedService {
  readonly file: ServiceFile;
  readonly plan: ServicePlan;
  /** None of them is placed. */
  readonly units: readonly UnitRecord[];
  readonly graph: ServiceGraph;
  /** Packages that nobody has named, and that were found beside those that were. */
  readonly found: readonly string[];
}

/**
 * Reads one service: a service file, or an NSD, with VNFDs in any order. VNFDs that are neither named nor onboarded are looked up in the
 * same folder. Nothing is onboarded by it.
 * @throws BAD_PACKAGE with everything that is wrong with the packages, CONFLICT when a VNFD is nowhere, BAD_SERVICE, NOT_FOUND, USAGE for several
 * services.
 */
export async function loadService(
  paths: readonly string[],
  store: Store,
  site: SiteConfig,
): Promise<LoadedService> {
  const { services, packages } = await loadServiceFiles(paths);
  const [file] = services;
  if (file !== undefined && services.length > 1) {
    throw new MusterError('USAGE', `these files ask for ${services.length} services`, {
      hint: 'plan one at a time',
    });
  }
  const copy = await copied(store);
  const lacking = file === undefined ? new Set<string>() : await lackingVnfds(file, packages, copy, site);
  const found = await vnfdsBeside(paths, lacking, site);
  const options = { site, update: true, nowMs: 0 };
  const onboarded = await onboardPackages(copy, [...packages, ...found], options);
  const refused = onboarded.filter(({ outcome }) => outcome === 'refused');
  if (file === undefined || refused.length > 0) {
    const code = refused.every(({ status }) => status === 409) ? 'CONFLICT' : 'BAD_PACKAGE';
    throw new MusterError(code, renderPackageProblems(refused).trimEnd(), {
      hint: 'mend what is marked as an error; a VNFD that is lacking is named too, or put beside its NSD',
    });
  }
  const imageFor = (image: string) => imageTargetOf(site, image);
  const { plan } = await planOf(file, file.flavour, () => undefined, {
    packages: packagesIn(copy),
    imageFor,
  });
  const { shape } = targetShape({
    service: file.name,
    plan,
    units: [],
    nextIndex: {},
    leaving: new Set(),
    asTheyAre: false,
    nowMs: 0,
  });
  return {
    file,
    plan,
    units: shape.units,
    graph: serviceGraph(file.name, plan, shape.units, file),
    found: found.map(({ label }) => label),
  };
}

/** VNFDs that the NSD names, and that are neither at hand nor onboarded. */
async function lackingVnfds(
  file: ServiceFile,
  packages: readonly OpenedPackage[],
  store: Store,
  site: SiteConfig,
): Promise<ReadonlySet<string>> {
  const descriptors = packages.flatMap((opened) => opened.judge(() => undefined, site).descriptor ?? []);
  const view = await store.view();
  const id = 'nsd' in file && typeof file.nsd === 'string' ? file.nsd : undefined;
  const record = id === undefined ? undefined : await findRecord(view, 'nsd', id);
  const stored = record === undefined ? undefined : await storedDescriptor(view, record);
  const nsd = descriptors.find((each) => each.kind === 'nsd' && each.id === id) ?? stored;
  const known = new Set([
    ...descriptors.flatMap((each) => (each.kind === 'vnfd' ? each.id : [])),
    ...(await storedVnfds(view)).keys(),
  ]);
  const named = nsd?.kind === 'nsd' ? nsd.vnfdIds : [];
  return new Set(named.filter((each) => !known.has(each)));
}
