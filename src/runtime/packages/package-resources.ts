import { createHash, randomUUID } from 'node:crypto';
import type { Store, StoreChange, StoreView } from '../../ports/store.ts';
import type { DescriptorKind } from '../../protocol/descriptors.ts';
import { MusterError } from '../../protocol/errors.ts';
import { type PackageResource, PackageResourceSchema } from '../../protocol/sol005/packages.ts';
import { deletePackage } from './delete-package.ts';
import { type StoredPackage, storedPackages } from './stored-packages.ts';

/** Resources that wait for their package: who makes more than that does not send any. */
const MOST_EMPTY = 200;

/** A package as SOL005 shows it: a resource that has an id of its own, and a package once one has been onboarded for it. */
export interface ListedPackage {
  readonly resource: PackageResource;
  readonly stored: StoredPackage | undefined;
}

const keyOf = (kind: DescriptorKind, id: string) => `resource/${kind}/${encodeURIComponent(id)}`;

/** The id under which a package is listed that was not onboarded through a resource: the same on every machine. */
export function packageResourceId(kind: DescriptorKind, descriptorId: string): string {
  return stableUuid(`package ${kind}/${descriptorId}`);
}

/** A UUID (version 4 in form, as clients of Open Source MANO tell ids from names by it) that is always the same for a text. */
export function stableUuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Every package of a kind, and every resource that has none yet. */
export async function listPackages(view: StoreView, kind: DescriptorKind): Promise<readonly ListedPackage[]> {
  const resources = await Promise.all(view.keys(`resource/${kind}/`).map((key) => readResource(view, key)));
  const stored = (await storedPackages(view)).filter(({ record }) => record.kind === kind);
  const listed = stored.map((each) => ({ resource: resourceOf(each, resources), stored: each }));
  // What was onboarded for it has been deleted by its own name: then it is gone too.
  const empty = resources.filter(({ descriptor }) => descriptor === null);
  return [...listed, ...empty.map((resource) => ({ resource, stored: undefined }))];
}

function resourceOf({ record }: StoredPackage, resources: readonly PackageResource[]): PackageResource {
  const { kind, id, onboardedAtMs } = record;
  return (
    resources.find(({ descriptor }) => descriptor === id) ?? {
      format: 1,
      kind,
      id: packageResourceId(kind, id),
      createdAtMs: onboardedAtMs,
      descriptor: id,
      failure: null,
      userDefinedData: null,
    }
  );
}

/** By the id of the resource, or that in the descriptor. @throws NOT_FOUND. */
export async function findListed(view: StoreView, kind: DescriptorKind, ref: string): Promise<ListedPackage> {
  const all = await listPackages(view, kind);
  const found =
    all.find(({ resource }) => resource.id === ref) ??
    all.find(({ resource }) => resource.descriptor === ref);
  if (found !== undefined) return found;
  throw new MusterError('NOT_FOUND', `there is no ${kind === 'nsd' ? 'NSD' : 'VNF package'} ${ref}`, {
    hint: 'muster package list',
  });
}

/** @throws CONFLICT when too many wait for their package. */
export async function createResource(
  store: Store,
  kind: DescriptorKind,
  userDefinedData: PackageResource['userDefinedData'],
  nowMs: number,
): Promise<PackageResource> {
  const resource: PackageResource = {
    format: 1,
    kind,
    id: randomUUID(),
    createdAtMs: nowMs,
    descriptor: null,
    failure: null,
    userDefinedData,
  };
  return store.update(async (view) => {
    const empty = (await listPackages(view, kind)).filter(({ stored }) => stored === undefined);
    if (empty.length >= MOST_EMPTY) {
      throw new MusterError('CONFLICT', `${MOST_EMPTY} resources wait for their package already`, {
        hint: 'send the packages, or delete the resources',
      });
    }
    return { changes: [...(await orphans(view, kind)), put(resource)], answer: resource };
  });
}

/** Resources whose package has been deleted by its own name. */
async function orphans(view: StoreView, kind: DescriptorKind): Promise<readonly StoreChange[]> {
  const known = new Set((await storedPackages(view)).map(({ record }) => `${record.kind}/${record.id}`));
  const keys = view.keys(`resource/${kind}/`);
  const resources = await Promise.all(keys.map((key) => readResource(view, key)));
  return resources.flatMap(({ id, descriptor }) =>
    descriptor === null || known.has(`${kind}/${descriptor}`)
      ? []
      : [{ kind: 'delete', key: keyOf(kind, id) }],
  );
}

/** Keeps a resource as it is now; its package is another matter. */
export async function keepResource(store: Store, resource: PackageResource): Promise<void> {
  await store.update(async () => ({ changes: [put(resource)], answer: undefined }));
}

/** Under which id each package is listed. */
export async function resourceIds(
  view: StoreView,
): Promise<(kind: DescriptorKind, descriptorId: string) => string> {
  const resources = await Promise.all(view.keys('resource/').map((key) => readResource(view, key)));
  const known = new Map(resources.map(({ kind, descriptor, id }) => [`${kind}/${descriptor ?? ''}`, id]));
  return (kind, id) => known.get(`${kind}/${id}`) ?? packageResourceId(kind, id);
}

/** Removes a resource, and its package. @throws CONFLICT while that is in use, NOT_FOUND. */
export async function deleteListed(store: Store, kind: DescriptorKind, ref: string): Promise<void> {
  const { resource, stored } = await findListed(await store.view(), kind, ref);
  if (stored !== undefined) await deletePackage(store, kind, stored.record.id);
  const key = keyOf(kind, resource.id);
  await store.update(async (view) => ({
    changes: view.keys(key).includes(key) ? [{ kind: 'delete', key }] : [],
    answer: undefined,
  }));
}

function put(resource: PackageResource) {
  const value = new TextEncoder().encode(JSON.stringify(resource));
  return { kind: 'put' as const, key: keyOf(resource.kind, resource.id), value };
}

async function readResource(view: StoreView, key: string): Promise<PackageResource> {
  const bytes = await view.get(key);
  try {
    return PackageResourceSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new MusterError('STORE_DAMAGED', `what is stored as ${key} is of no version that is known`, {
      hint: 'delete the packages directory and onboard again',
      cause,
    });
  }
}
