import { z } from 'zod';
import type { DescriptorKind } from '../../protocol/descriptors.ts';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import {
  CreatePackageRequestSchema,
  NsdInfoSchema,
  PackageModificationsSchema,
  VnfPkgInfoSchema,
} from '../../protocol/sol005/packages.ts';
import { descriptorBytes, packageArchive } from '../../runtime/packages/package-archive.ts';
import {
  createResource,
  deleteListed,
  findListed,
  keepResource,
  type ListedPackage,
  listPackages,
  resourceIds,
} from '../../runtime/packages/package-resources.ts';
import { type Endpoint, endpoint, NOTHING, type RawCall } from '../http/endpoint.ts';
import { requireMatch, taggedAnswer } from '../http/entity-tag.ts';
import { HttpProblem, problemDetails, problemOf } from '../http/http-problem.ts';
import { ListQuerySchema, listAnswer } from '../http/list-answer.ts';
import type { Northbound } from '../northbound.ts';
import { onboardUpload } from '../packages/onboard-upload.ts';
import type { ResourceIds } from './ns-instance-view.ts';
import { NS_DESCRIPTORS, nsdInfoView, VNF_PACKAGES, vnfPkgInfoView } from './package-view.ts';

/** What differs between NSDs and VNF packages. */
interface Kind {
  readonly kind: DescriptorKind;
  readonly path: string;
  readonly tag: string;
  readonly param: string;
  /** The package, and the descriptor in it. */
  readonly content: string;
  readonly descriptor: string;
  readonly schema: z.ZodObject;
  view(listed: ListedPackage, ids: ResourceIds): object;
}

const KINDS: readonly Kind[] = [
  {
    kind: 'nsd',
    path: NS_DESCRIPTORS,
    tag: 'SOL005: NS descriptors',
    param: 'nsdInfoId',
    content: 'nsd_content',
    descriptor: 'nsd',
    schema: NsdInfoSchema,
    view: nsdInfoView,
  },
  {
    kind: 'vnfd',
    path: VNF_PACKAGES,
    tag: 'SOL005: VNF packages',
    param: 'vnfPkgId',
    content: 'package_content',
    descriptor: 'vnfd',
    schema: VnfPkgInfoSchema,
    view: vnfPkgInfoView,
  },
];

/** `/nsd/v1` and `/vnfpkgm/v1` of ETSI GS NFV-SOL 005, clauses 5 and 9. */
export function packageEndpoints(to: Northbound, pageSize?: number): readonly Endpoint[] {
  return KINDS.flatMap((kind) => [...resources(to, kind, pageSize), ...contents(to, kind)]);
}

function resources(
  to: Northbound,
  { kind, path, tag, param, schema, view }: Kind,
  pageSize: number | undefined,
): readonly Endpoint[] {
  const { packages, nowMs } = to;
  const params = paramsOf(param);
  const one = `${path}/{${param}}`;
  const shown = async (listed: ListedPackage) => view(listed, await resourceIds(await packages.view()));
  const found = async (call: { readonly params: unknown }) =>
    findListed(await packages.view(), kind, idIn(call, param));
  return [
    endpoint({
      method: 'GET',
      path,
      tag,
      summary: 'Those that there are, one page of them',
      params: NOTHING,
      query: ListQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'Those that fit the filter', schema: z.array(schema.partial()) } },
      handle: async ({ query }) => {
        const at = await packages.view();
        const ids = await resourceIds(at);
        const list = {
          items: await listPackages(at, kind),
          keyOf: ({ resource }: ListedPackage) =>
            `${String(resource.createdAtMs).padStart(15, '0')} ${resource.id}`,
          view: (listed: ListedPackage) => view(listed, ids),
        };
        return listAnswer(list, query, path, pageSize);
      },
    }),
    endpoint({
      method: 'POST',
      path,
      tag,
      summary: 'A place for one; the package itself is sent to its content',
      params: NOTHING,
      query: NOTHING,
      body: CreatePackageRequestSchema,
      answers: { 201: { description: 'It is there', schema } },
      handle: async ({ body: { userDefinedData } }) => {
        const resource = await createResource(packages, kind, userDefinedData ?? null, nowMs());
        const body = await shown({ resource, stored: undefined });
        return { status: 201, body, headers: { location: `${path}/${resource.id}` } };
      },
    }),
    endpoint({
      method: 'GET',
      path: one,
      tag,
      summary: 'One of them, by its id or that in its descriptor',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'As it is', schema }, 304: { description: 'As you have it' } },
      handle: async (call) => taggedAnswer(await shown(await found(call)), call.headers),
    }),
    endpoint({
      method: 'PATCH',
      path: one,
      tag,
      summary: 'Changes what is kept for the client',
      params,
      query: NOTHING,
      body: PackageModificationsSchema,
      answers: { 200: { description: 'What is kept now', schema: PackageModificationsSchema } },
      handle: async (call) => {
        const { resource, stored } = await found(call);
        requireMatch(await shown({ resource, stored }), call.headers);
        const { userDefinedData } = call.body;
        await keepResource(packages, { ...resource, userDefinedData });
        return { status: 200, body: { userDefinedData } };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: one,
      tag,
      summary: 'Removes it, unless it is in use or named by an NSD',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: { 204: { description: 'It is gone' } },
      handle: async (call) => {
        if (call.headers['if-match'] !== undefined)
          requireMatch(await shown(await found(call)), call.headers);
        await deleteListed(packages, kind, idIn(call, param));
        return { status: 204 };
      },
    }),
  ];
}

function contents(
  to: Northbound,
  { kind, path, tag, param, content, descriptor }: Kind,
): readonly Endpoint[] {
  const { packages } = to;
  const params = paramsOf(param);
  const onboarded = async (call: { readonly params: unknown }) => {
    const view = await packages.view();
    const { resource, stored } = await findListed(view, kind, idIn(call, param));
    if (stored !== undefined) return { view, record: stored.record };
    throw new HttpProblem({
      status: 409,
      reason: 'nothing has been onboarded for it yet',
      hint: `PUT the package to ${path}/${resource.id}/${content}`,
      code: 'CONFLICT',
    });
  };
  return [
    endpoint({
      method: 'PUT',
      path: `${path}/{${param}}/${content}`,
      tag,
      summary: 'Onboards the package: .tar.gz, or the descriptor alone',
      takes: 'package',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: { 202: { description: 'It has been checked and onboarded' } },
      handle: async (call) => {
        await fill(to, kind, idIn(call, param), call);
        return { status: 202 };
      },
    }),
    endpoint({
      method: 'GET',
      path: `${path}/{${param}}/${content}`,
      tag,
      summary: 'The package as it can be onboarded again',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'A .tar.gz, or the descriptor alone', type: 'application/gzip' } },
      handle: async (call) => {
        const { view, record } = await onboarded(call);
        const { type, bytes } = await packageArchive(view, record);
        return { status: 200, body: Buffer.from(bytes), type };
      },
    }),
    endpoint({
      method: 'GET',
      path: `${path}/{${param}}/${descriptor}`,
      tag,
      summary: 'The descriptor, as it was sent',
      params,
      query: NOTHING,
      body: NOTHING,
      answers: { 200: { description: 'YAML', type: 'text/plain' } },
      handle: async (call) => {
        const { view, record } = await onboarded(call);
        const bytes = await descriptorBytes(view, record);
        return { status: 200, body: Buffer.from(bytes), type: 'text/plain; charset=utf-8' };
      },
    }),
  ];
}

/** Onboards for a resource that has no package yet; why that was refused is kept with it. */
async function fill(to: Northbound, kind: DescriptorKind, ref: string, call: RawCall): Promise<void> {
  const { resource, stored } = await findListed(await to.packages.view(), kind, ref);
  if (stored !== undefined) {
    throw new HttpProblem({
      status: 409,
      reason: `a package has been onboarded for it: ${kind}/${stored.record.id}`,
      hint: 'make a new resource, or delete this one',
      code: 'CONFLICT',
      headers: { connection: 'close' },
    });
  }
  try {
    const descriptor = await onboardUpload(to, call, { kind, replaces: undefined });
    await keepResource(to.packages, { ...resource, descriptor, failure: null });
  } catch (error) {
    const parts = problemOf(error);
    if (parts.status === 409 || parts.status === 422) {
      await keepResource(to.packages, { ...resource, failure: problemDetails(parts) });
    }
    throw error;
  }
}

function paramsOf(param: string) {
  return z.object({ [param]: IdentifierSchema });
}

function idIn({ params }: { readonly params: unknown }, param: string): string {
  return z.record(z.string(), z.string()).parse(params)[param] ?? '';
}
