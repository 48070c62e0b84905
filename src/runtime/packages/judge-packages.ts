import { conflicting } from '../../core/services/package-finding.ts';
import type { PointsOf } from '../../core/services/points-of.ts';
import type { Descriptor, DescriptorKind, Vnfd } from '../../protocol/descriptors.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import type { OpenedPackage } from './examine-package.ts';
import { type PackageProblem, statusOf, wholeProblem } from './package-problem.ts';

/** What came of looking at one package. */
export interface PackageResult {
  readonly opened: OpenedPackage;
  readonly kind: DescriptorKind | undefined;
  readonly descriptor: Descriptor | undefined;
  readonly problems: readonly PackageProblem[];
  /** 200: nothing stands in its way; 409 and 422 as OSM answers. */
  readonly status: 200 | 409 | 422;
}

/**
 * Judges packages that are named together, in any order: an NSD finds its VNFDs among them, or among those that are onboarded
 * (`stored`). Answers in the order in which they were named.
 */
export function judgePackages(
  packages: readonly OpenedPackage[],
  stored: ReadonlyMap<string, Vnfd>,
  site: SiteConfig,
): readonly PackageResult[] {
  const vnfds = new Map(stored);
  const taken = new Set<string>();
  const judge = (opened: OpenedPackage, pointsOf: PointsOf): PackageResult => {
    const { descriptor, problems } = opened.judge(pointsOf, site);
    const all = [...problems, ...twiceNamed(opened, descriptor, taken)];
    if (descriptor?.kind === 'vnfd') vnfds.set(descriptor.id, descriptor);
    return { opened, kind: opened.kind, descriptor, problems: all, status: statusOf(all) };
  };
  const first = new Map(
    packages.filter(({ kind }) => kind !== 'nsd').map((opened) => [opened, judge(opened, () => undefined)]),
  );
  const pointsOf: PointsOf = (id) => vnfds.get(id)?.externalPoints.map((point) => point.id);
  return packages.map((opened) => first.get(opened) ?? judge(opened, pointsOf));
}

function twiceNamed(
  opened: OpenedPackage,
  descriptor: Descriptor | undefined,
  taken: Set<string>,
): readonly PackageProblem[] {
  if (descriptor === undefined) return [];
  const name = `${descriptor.kind}/${descriptor.id}`;
  const twice = taken.has(name);
  taken.add(name);
  if (!twice) return [];
  const message = `another package of this command is ${name} as well`;
  const finding = conflicting('exists', {
    path: [],
    message,
    mend: 'name one of them, or change the id of one',
  });
  return [wholeProblem(opened.source?.file ?? opened.label, finding)];
}
