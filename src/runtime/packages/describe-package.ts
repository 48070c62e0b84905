import type { ProgramTrust } from '../../adapters/infrastructure-linux/signed-program.ts';
import { demandInWords, demandOfService } from '../../core/services/demand.ts';
import { imageTargetOf } from '../../protocol/catalogue.ts';
import type { Demand, Descriptor, Nsd, Vnfd } from '../../protocol/descriptors.ts';
import type { ImageTarget, SiteConfig } from '../../protocol/site-config.ts';
import { flavourInWords } from './flavour-in-words.ts';
import type { PackageProblem } from './package-problem.ts';
import type { StoredPackage } from './stored-packages.ts';

export interface DescribedPackage {
  readonly words: readonly string[];
  /** What it needs at first; undefined: a VNFD of it is absent. */
  readonly demand: Demand | undefined;
  /** Its images, and what stands for them on this site. */
  readonly images: readonly { readonly image: string; readonly target: ImageTarget | null }[];
}

export interface DescribeContext {
  readonly problems: readonly PackageProblem[];
  readonly vnfds: ReadonlyMap<string, Vnfd>;
  readonly site: SiteConfig;
  /** Of each image that a program stands for, what its signature is worth. */
  readonly trust: ReadonlyMap<string, ProgramTrust>;
}

/** A package in words, for people. */
export function describePackage(
  stored: StoredPackage,
  descriptor: Descriptor,
  { problems, vnfds, site, trust }: DescribeContext,
): DescribedPackage {
  const { record, usage, usedBy, neededBy } = stored;
  const members =
    descriptor.kind === 'vnfd' ? [descriptor] : descriptor.vnfdIds.flatMap((id) => vnfds.get(id) ?? []);
  const demand =
    descriptor.kind === 'vnfd' ? descriptor.flavours[0]?.demand : demandOfService(descriptor, vnfds);
  const names = [...new Set(members.flatMap(({ vdus }) => vdus.flatMap(({ image }) => image ?? [])))];
  const images = names.map((image) => ({
    image,
    target: imageTargetOf(site, image) ?? null,
  }));
  const inUse = usedBy.length > 0 ? ` by ${usedBy.join(', ')}` : '';
  const words = [
    `${record.kind}/${record.id}, version ${record.version}, revision ${record.revision}`,
    ...(descriptor.description === '' ? [] : [descriptor.description]),
    '',
    `needs at first   ${demand === undefined ? 'not known: a VNFD is not onboarded' : demandInWords(demand)}`,
    `usage            ${usage}${inUse}`,
    ...(neededBy.length === 0 ? [] : [`named by         ${neededBy.map((id) => `nsd/${id}`).join(', ')}`]),
    `content          ${record.files.length === 1 ? '1 file' : `${record.files.length} files`}, ${record.digest.slice(0, 16)}`,
    ...(descriptor.kind === 'vnfd' ? vnfdInWords(descriptor) : nsdInWords(descriptor)),
    ...section(
      'Images',
      images.map((each) => imageInWords(each, trust.get(each.image))),
    ),
    ...section(
      'To know',
      problems.map(
        ({ line, path, message, mend }) =>
          `line ${line}${path === '' ? '' : ` (${path})`}: ${message}; ${mend}`,
      ),
    ),
  ];
  return { words, demand, images };
}

function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', heading, ...lines.map((line) => `  ${line}`)];
}

function vnfdInWords(vnfd: Vnfd): readonly string[] {
  const points = vnfd.externalPoints.map(({ id, vdu, point, virtualLink }) => {
    const managed = id === vnfd.managementPoint ? ', for management' : '';
    return `${id}: ${vdu === undefined ? (virtualLink ?? 'nothing') : `${point ?? '?'} of ${vdu}`}${managed}`;
  });
  return [
    ...section(
      'Units (VDU)',
      vnfd.vdus.map(({ id, demand, image, cloudInitFile }) =>
        [
          `${id}: ${demandInWords(demand)}, image ${image ?? 'none'}`,
          ...(cloudInitFile === undefined ? [] : [`cloud-init ${cloudInitFile}`]),
        ].join(', '),
      ),
    ),
    ...section(
      'Virtual links',
      vnfd.virtualLinks.map((link) => {
        const joined = vnfd.vdus.filter(({ connectionPoints }) =>
          connectionPoints.some(({ virtualLink }) => virtualLink === link),
        );
        return `${link}: ${joined.map(({ id }) => id).join(', ') || 'nothing is joined to it'}`;
      }),
    ),
    ...section('Connection points', points),
    ...vnfd.flavours.flatMap((flavour) =>
      section(`Deployment flavour ${flavour.id}`, flavourInWords(flavour)),
    ),
    ...section('Cannot be instantiated', vnfd.cannotRun),
  ];
}

function nsdInWords(nsd: Nsd): readonly string[] {
  const members = nsd.flavours[0]?.members ?? [];
  return [
    ...section(
      'Members (VNF)',
      members.map(
        ({ id, vnfdId, minInstances }) =>
          `${id}: ${vnfdId}${minInstances === 1 ? '' : `, ${minInstances} times`}`,
      ),
    ),
    ...section(
      'Virtual links',
      nsd.links.map((link) => {
        const joined = members.flatMap(({ id, connections }) =>
          connections
            .filter((each) => each.link === link.id)
            .map(({ point, address }) => `${id}.${point}${address === undefined ? '' : ` ${address}`}`),
        );
        return `${link.id}${link.management ? ' (management)' : ''}: ${joined.join(', ') || 'nothing is joined to it'}`;
      }),
    ),
    ...section(
      'Forwarding paths',
      nsd.forwardingGraphs.flatMap((graph) =>
        graph.paths.flatMap((path) => [
          `${graph.id}/${path.id}: ${path.steps.map(({ member, ingress, egress }) => `${member} (${ingress ?? '?'} > ${egress ?? '?'})`).join(', ')}`,
          ...path.matches.map(
            ({ id, protocol, source, sourcePort, destination, destinationPort }) =>
              `  ${id}: protocol ${protocol ?? 'any'}, ${source ?? 'any'}:${sourcePort ?? 'any'} > ${destination ?? 'any'}:${destinationPort ?? 'any'}`,
          ),
        ]),
      ),
    ),
  ];
}

function imageInWords(
  { image, target }: DescribedPackage['images'][number],
  trust: ProgramTrust | undefined,
): string {
  if (target === null) return `${image}: not mapped on this site; instantiating it is refused`;
  if ('catalogue' in target) return `${image}: ${target.catalogue} of the catalogue`;
  const { command, health } = target.program;
  return `${image}: ${command.join(' ')} (health: ${health.kind}, ${trustInWords(trust)})`;
}

function trustInWords(trust: ProgramTrust | undefined): string {
  switch (trust?.kind) {
    case 'signed':
      return 'signed by the operator';
    case 'refused':
      return `not started: ${trust.reason}`;
    default:
      return 'not signed';
  }
}
