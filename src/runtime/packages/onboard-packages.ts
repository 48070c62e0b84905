import { sha256Hex } from '../../adapters/store-directory/sha256-hex.ts';
import { showText } from '../../core/problems/problem.ts';
import { conflicting } from '../../core/services/package-finding.ts';
import { structuralChanges } from '../../core/services/structure.ts';
import type { Store, StoreChange, StoreView } from '../../ports/store.ts';
import type { Descriptor, Vnfd } from '../../protocol/descriptors.ts';
import type { PackageRecord } from '../../protocol/package-record.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import type { OpenedPackage } from './examine-package.ts';
import { judgePackages, type PackageResult } from './judge-packages.ts';
import { fileKey, packageKey } from './package-keys.ts';
import { type PackageProblem, statusOf, wholeProblem } from './package-problem.ts';
import { findRecord, judgeStored, storedDescriptor, storedPackages, storedVnfds } from './stored-packages.ts';

export interface OnboardOptions {
  readonly site: SiteConfig;
  /** Takes the place of a package of the same id, as far as nothing runs that would break. */
  readonly update: boolean;
  /** ms since 1970. */
  readonly nowMs: number;
}

/** What became of one package. `refused` of one: none of those that were named together is onboarded. */
export interface Onboarded extends PackageResult {
  readonly outcome: 'onboarded' | 'updated' | 'unchanged' | 'refused' | 'held-back';
}

/** Judges packages against what is in the store, without changing it. */
export async function validatePackages(
  store: Store,
  packages: readonly OpenedPackage[],
  site: SiteConfig,
): Promise<readonly PackageResult[]> {
  return judgePackages(packages, await storedVnfds(await store.view()), site);
}

/** Onboards packages, all or none of them; one that is there already with the same content is left as it is. */
export async function onboardPackages(
  store: Store,
  packages: readonly OpenedPackage[],
  options: OnboardOptions,
): Promise<readonly Onboarded[]> {
  return store.update(async (view) => {
    const judged = judgePackages(packages, await storedVnfds(view), options.site);
    const planned: { readonly result: Onboarded; readonly changes: readonly StoreChange[] }[] = [];
    for (const result of judged) planned.push(await plan(view, result, judged, options));
    if (planned.every(({ result }) => result.outcome !== 'refused')) {
      return {
        changes: planned.flatMap(({ changes }) => changes),
        answer: planned.map(({ result }) => result),
      };
    }
    const answer = planned.map(({ result }): Onboarded => {
      const would = result.outcome === 'onboarded' || result.outcome === 'updated';
      return would ? { ...result, outcome: 'held-back' } : result;
    });
    return { changes: [], answer };
  });
}

async function plan(
  view: StoreView,
  result: PackageResult,
  together: readonly PackageResult[],
  { update, nowMs, site }: OnboardOptions,
) {
  const { opened, descriptor } = result;
  if (descriptor === undefined || result.status !== 200) {
    return { result: { ...result, outcome: 'refused' as const }, changes: [] };
  }
  const digest = digestOf(opened);
  const before = await findRecord(view, descriptor.kind, descriptor.id);
  if (before?.digest === digest) return { result: { ...result, outcome: 'unchanged' as const }, changes: [] };
  const conflicts =
    before === undefined
      ? []
      : await conflictsOf(view, before, descriptor, opened, { update, site, together });
  if (conflicts.length > 0) {
    const problems = [...result.problems, ...conflicts];
    return {
      result: { ...result, problems, status: statusOf(problems), outcome: 'refused' as const },
      changes: [],
    };
  }
  const outcome = before === undefined ? ('onboarded' as const) : ('updated' as const);
  return { result: { ...result, outcome }, changes: changesFor(opened, descriptor, digest, before, nowMs) };
}

interface UpdateContext {
  readonly update: boolean;
  readonly site: SiteConfig;
  readonly together: readonly PackageResult[];
}

/** Why one package cannot take the place of another of its id. */
async function conflictsOf(
  view: StoreView,
  before: PackageRecord,
  descriptor: Descriptor,
  opened: OpenedPackage,
  { update, site, together }: UpdateContext,
): Promise<readonly PackageProblem[]> {
  const name = showText(`${descriptor.kind}/${descriptor.id}`);
  const no = (code: 'exists' | 'in-use', message: string, mend: string) =>
    wholeProblem(opened.source?.file ?? opened.label, conflicting(code, { path: [], message, mend }));
  if (!update) {
    const message = `${name} is onboarded with another content (revision ${before.revision})`;
    return [no('exists', message, 'give --update to put this one in its place, or change its id')];
  }
  const stored = (await storedPackages(view)).find(
    ({ record }) => record.kind === before.kind && record.id === before.id,
  );
  const changed = structuralChanges(await storedDescriptor(view, before), descriptor);
  if (stored?.usage === 'IN_USE' && changed.length > 0) {
    const message = `${name} is in use by ${stored.usedBy.map((each) => showText(each)).join(', ')}, and ${changed.join(', ')} would change`;
    return [no('in-use', message, 'terminate what uses it first, or onboard it under another id')];
  }
  if (descriptor.kind !== 'vnfd') return [];
  const vnfds = new Map<string, Vnfd>([...(await storedVnfds(view)), [descriptor.id, descriptor]]);
  const broken: PackageProblem[] = [];
  for (const id of stored?.neededBy ?? []) {
    // An NSD that is updated in the same command is judged by itself.
    if (together.some((each) => each.descriptor?.kind === 'nsd' && each.descriptor.id === id)) continue;
    const nsd = await findRecord(view, 'nsd', id);
    if (nsd === undefined) continue;
    const { problems } = await judgeStored(view, nsd, vnfds, site);
    const [error] = problems.filter(({ severity }) => severity === 'error');
    if (error === undefined) continue;
    broken.push(
      no(
        'in-use',
        `the NSD ${showText(id)} would break: ${error.message}`,
        'update the NSD in the same command',
      ),
    );
  }
  return broken;
}

function changesFor(
  { files, origin, descriptorPath }: OpenedPackage,
  descriptor: Descriptor,
  digest: string,
  before: PackageRecord | undefined,
  nowMs: number,
): readonly StoreChange[] {
  const { kind, id, name, version } = descriptor;
  const record: PackageRecord = {
    format: 1,
    kind,
    id,
    name,
    version,
    digest,
    revision: (before?.revision ?? 0) + 1,
    origin,
    descriptor: descriptorPath,
    files: [...files].map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256Hex(bytes) })),
    ...(descriptor.kind === 'nsd' && descriptor.invariantId !== id
      ? { invariantId: descriptor.invariantId }
      : {}),
    needs: descriptor.kind === 'nsd' ? [...descriptor.vnfdIds] : [],
    onboardedAtMs: before?.onboardedAtMs ?? nowMs,
    updatedAtMs: nowMs,
  };
  const gone = (before?.files ?? []).filter(({ path }) => !files.has(path));
  return [
    ...gone.map(({ path }) => ({ kind: 'delete' as const, key: fileKey(kind, id, path) })),
    ...[...files].map(([path, value]) => ({ kind: 'put' as const, key: fileKey(kind, id, path), value })),
    { kind: 'put', key: packageKey(kind, id), value: new TextEncoder().encode(JSON.stringify(record)) },
  ];
}

/** One name for all that a package holds: the same files in any order, from a folder or an archive, give the same. */
function digestOf({ files }: OpenedPackage): string {
  const lines = [...files].map(([path, bytes]) => `${sha256Hex(bytes)} ${path}\n`).sort();
  return sha256Hex(lines.join(''));
}
