import { dirname, resolve } from 'node:path';
import { readBounded } from '../../adapters/package-source/read-folder.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import { type OpenedPackage, openPackage } from '../packages/examine-package.ts';
import { renderProblems } from '../scenario/render-problems.ts';
import { MOST_SERVICE_FILE_BYTES, readServiceFile, SERVICE_FILE_HINT } from './read-service-file.ts';

/** What `service apply` was given: services that are asked for, and the packages that come along. */
export interface LoadedFiles {
  readonly services: readonly ServiceFile[];
  readonly packages: readonly OpenedPackage[];
}

/**
 * Reads service files and packages, in any order. An NSD without a service file is asked for under its own id; one that a service file
 * names by its path comes along. `control`: of services that no file of their own asks for.
 * @throws BAD_SERVICE with everything that is wrong with a service file, USAGE when nothing asks for a service.
 */
export async function loadServiceFiles(
  paths: readonly string[],
  { control }: { readonly control?: ServiceFile['control'] } = {},
): Promise<LoadedFiles> {
  const services: ServiceFile[] = [];
  const packages: OpenedPackage[] = [];
  for (const path of paths) {
    const file = await serviceFileAt(path);
    if (file === undefined) {
      packages.push(await openPackage(path));
      continue;
    }
    if (!('nsd' in file) || typeof file.nsd === 'string') {
      services.push(file);
      continue;
    }
    const nsd = await openPackage(resolve(dirname(resolve(path)), file.nsd.file));
    packages.push(nsd);
    services.push({ ...file, nsd: nsdIdOf(nsd, path) });
  }
  if (services.length > 0) {
    if (control === undefined) return { services, packages };
    throw new MusterError('USAGE', 'a service file says itself who looks after it', {
      hint: `control: ${control}, below service:`,
    });
  }
  const asked = packages
    .filter(({ kind }) => kind === 'nsd')
    .map((nsd): ServiceFile => {
      const id = nsdIdOf(nsd, nsd.label);
      return { name: id, nsd: id, ...(control === undefined ? {} : { control }) };
    });
  if (asked.length === 0 && packages.every(({ kind }) => kind !== undefined)) {
    throw new MusterError('USAGE', 'none of these files asks for a service', {
      hint: 'name an NSD or a service file; muster package onboard keeps VNFDs alone',
    });
  }
  return { services: asked, packages };
}

/** The id in an NSD. @throws BAD_PACKAGE when it has none. */
export function nsdIdOf(nsd: OpenedPackage, named: string): string {
  // Connection points are compared when it is onboarded.
  const { descriptor, problems } = nsd.judge(() => undefined, { images: {}, webhooks: { allowHosts: [] } });
  if (descriptor?.kind === 'nsd') return descriptor.id;
  const [error] = problems.filter(({ severity }) => severity === 'error');
  throw new MusterError('BAD_PACKAGE', `${named}: ${error?.message ?? `${nsd.label} is no NSD`}`, {
    hint: `muster package validate ${nsd.label}`,
  });
}

/** The service that a file asks for; undefined: it is something else, such as a package. */
async function serviceFileAt(path: string): Promise<ServiceFile | undefined> {
  if (!/\.ya?ml$/i.test(path)) return undefined;
  const bytes = await readBounded(resolve(path), MOST_SERVICE_FILE_BYTES).catch(() => undefined);
  // A package says itself what is wrong with it.
  if (bytes === undefined) return undefined;
  const read = readServiceFile(new TextDecoder().decode(bytes), path);
  if (read === undefined || read.service !== undefined) return read?.service;
  throw new MusterError('BAD_SERVICE', renderProblems(read.source, read.problems).trimEnd(), {
    hint: SERVICE_FILE_HINT,
  });
}
