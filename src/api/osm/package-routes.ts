import { z } from 'zod';
import type { DescriptorKind } from '../../protocol/descriptors.ts';
import { OsmDescriptorSchema, OsmIdSchema } from '../../protocol/osm/answers.ts';
import { IdentifierSchema } from '../../protocol/sol005/common.ts';
import { descriptorBytes, packageArchive } from '../../runtime/packages/package-archive.ts';
import {
  deleteListed,
  findListed,
  type ListedPackage,
  listPackages,
  resourceIds,
} from '../../runtime/packages/package-resources.ts';
import { plainDescriptor } from '../../runtime/packages/plain-descriptor.ts';
import { type Endpoint, endpoint, NOTHING } from '../http/endpoint.ts';
import { HttpProblem } from '../http/http-problem.ts';
import type { Northbound } from '../northbound.ts';
import { onboardUpload } from '../packages/onboard-upload.ts';
import { NS_DESCRIPTORS, VNF_PACKAGES } from '../sol005/package-view.ts';
import { OsmQuerySchema, osmFiltered, seconds } from './osm-format.ts';

interface Kind {
  readonly kind: DescriptorKind;
  readonly tag: string;
  /** In SOL005's words; OSM has them below `/osm`, and a second time with `_content`. */
  readonly path: string;
  readonly content: string;
  readonly descriptor: string;
}

const KINDS: readonly Kind[] = [
  { kind: 'nsd', tag: 'OSM: NS packages', path: NS_DESCRIPTORS, content: 'nsd_content', descriptor: 'nsd' },
  {
    kind: 'vnfd',
    tag: 'OSM: VNF packages',
    path: VNF_PACKAGES,
    content: 'package_content',
    descriptor: 'vnfd',
  },
];

const params = z.object({ id: IdentifierSchema });

/** OSM's NS and VNF packages. */
export function osmPackageEndpoints(to: Northbound): readonly Endpoint[] {
  return KINDS.flatMap((kind) => [
    ...listed(to, kind, `/osm${kind.path}_content`),
    ...listed(to, kind, `/osm${kind.path}`),
    ...contents(to, kind),
  ]);
}

function listed(to: Northbound, { kind, tag }: Kind, path: string): readonly Endpoint[] {
  const { packages } = to;
  return [
    endpoint({
      method: 'GET',
      path,
      tag,
      summary: 'All that are onboarded',
      params: NOTHING,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'Those that fit', schema: z.array(OsmDescriptorSchema) } },
      handle: async ({ query }) => {
        const all = await listPackages(await packages.view(), kind);
        return {
          status: 200,
          body: osmFiltered(
            all.flatMap((each) => descriptorView(each) ?? []),
            query,
          ),
        };
      },
    }),
    endpoint({
      method: 'GET',
      path: `${path}/{id}`,
      tag,
      summary: 'One, with its descriptor',
      params,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'It', schema: OsmDescriptorSchema } },
      handle: async ({ params: { id } }) => {
        const view = await packages.view();
        const found = await findListed(view, kind, id);
        const body = descriptorView(found);
        if (found.stored === undefined || body === undefined) throw notOnboarded(id);
        const descriptor = plainDescriptor(await descriptorBytes(view, found.stored.record));
        return { status: 200, body: { ...descriptor, ...body } };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: `${path}/{id}`,
      tag,
      summary: 'Removes it, unless it is in use or named by an NSD',
      params,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 204: { description: 'It is gone' } },
      handle: async ({ params: { id } }) => {
        await deleteListed(packages, kind, id);
        return { status: 204 };
      },
    }),
    endpoint({
      method: 'POST',
      path,
      tag,
      summary: 'Onboards a package: .tar.gz, or the descriptor alone',
      takes: 'package',
      params: NOTHING,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 201: { description: 'Its id', schema: OsmIdSchema } },
      handle: async (call) => {
        const descriptor = await onboardUpload(to, call, { kind, replaces: undefined });
        const id = (await resourceIds(await packages.view()))(kind, descriptor);
        return { status: 201, body: { id }, headers: { location: `${path}/${id}` } };
      },
    }),
  ];
}

function contents(to: Northbound, { kind, tag, path, content, descriptor }: Kind): readonly Endpoint[] {
  const { packages } = to;
  const onboarded = async (id: string) => {
    const view = await packages.view();
    const { stored } = await findListed(view, kind, id);
    if (stored === undefined) throw notOnboarded(id);
    return { view, record: stored.record };
  };
  return [
    endpoint({
      method: 'PUT',
      path: `/osm${path}/{id}/${content}`,
      tag,
      summary: 'Puts another version in its place',
      takes: 'package',
      params,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 204: { description: 'It has been checked and onboarded' } },
      handle: async (call) => {
        const { record } = await onboarded(call.params.id);
        await onboardUpload(to, call, { kind, replaces: record.id });
        return { status: 204 };
      },
    }),
    endpoint({
      method: 'GET',
      path: `/osm${path}/{id}/${content}`,
      tag,
      summary: 'The package as it can be onboarded again',
      params,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'A .tar.gz, or the descriptor alone', type: 'application/gzip' } },
      handle: async ({ params: { id } }) => {
        const { view, record } = await onboarded(id);
        const { type, bytes } = await packageArchive(view, record);
        return { status: 200, body: Buffer.from(bytes), type };
      },
    }),
    endpoint({
      method: 'GET',
      path: `/osm${path}/{id}/${descriptor}`,
      tag,
      summary: 'The descriptor, as it was sent',
      params,
      query: OsmQuerySchema,
      body: NOTHING,
      answers: { 200: { description: 'YAML', type: 'text/plain' } },
      handle: async ({ params: { id } }) => {
        const { view, record } = await onboarded(id);
        const bytes = await descriptorBytes(view, record);
        return { status: 200, body: Buffer.from(bytes), type: 'text/plain; charset=utf-8' };
      },
    }),
  ];
}

function descriptorView({ resource, stored }: ListedPackage) {
  if (stored === undefined) return undefined;
  const { record, usage } = stored;
  const { kind, id, name, version, needs } = record;
  const nsd = kind === 'nsd';
  const self = `${nsd ? NS_DESCRIPTORS : VNF_PACKAGES}/${resource.id}`;
  const states = nsd
    ? { nsdOnboardingState: 'ONBOARDED', nsdOperationalState: 'ENABLED', nsdUsageState: usage }
    : { onboardingState: 'ONBOARDED', operationalState: 'ENABLED', usageState: usage };
  return {
    _id: resource.id,
    id,
    name,
    version,
    ...(nsd ? { 'vnfd-id': needs } : { 'product-name': name }),
    ...states,
    _admin: {
      userDefinedData: resource.userDefinedData ?? {},
      created: seconds(record.onboardedAtMs),
      modified: seconds(record.updatedAtMs),
      onboardingState: 'ONBOARDED' as const,
      operationalState: 'ENABLED' as const,
      usageState: usage,
      revision: record.revision,
    },
    _links: {
      self: { href: self },
      [nsd ? 'nsd_content' : 'packageContent']: {
        href: `${self}/${nsd ? 'nsd_content' : 'package_content'}`,
      },
    },
  };
}

function notOnboarded(id: string): HttpProblem {
  return new HttpProblem({
    status: 409,
    reason: `nothing has been onboarded for ${id} yet`,
    hint: 'send the package first',
    code: 'CONFLICT',
  });
}
