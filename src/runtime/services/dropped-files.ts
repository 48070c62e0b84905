import { PACKAGE_LIMITS } from '../../adapters/package-source/package-limits.ts';
import { readSourceBytes } from '../../adapters/package-source/read-source.ts';
import { safePath } from '../../adapters/package-source/safe-path.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import { type OpenedPackage, openRefused, openSource } from '../packages/examine-package.ts';
import { nsdIdOf } from './load-service-files.ts';
import { MOST_SERVICE_FILE_BYTES, type ReadServiceFile, readServiceFile } from './read-service-file.ts';

/** Of what is dropped together. */
export const MOST_DROPPED = { bytes: PACKAGE_LIMITS.archiveBytes, files: PACKAGE_LIMITS.entries } as const;

/** A file as it was dropped; of a folder, its name begins with that of the folder. */
export interface DroppedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files that have been looked into: packages, and services that are asked for. */
export interface DroppedFiles {
  readonly packages: readonly OpenedPackage[];
  readonly serviceFiles: readonly ReadServiceFile[];
}

/** Looks into files that were dropped together, in any order: archives, descriptors, service files; those of a folder are one package. */
export async function openDropped(files: readonly DroppedFile[]): Promise<DroppedFiles> {
  const folders = new Map<string, DroppedFile[]>();
  const packages: OpenedPackage[] = [];
  const serviceFiles: ReadServiceFile[] = [];
  for (const file of files) {
    const slash = file.name.indexOf('/');
    if (slash > 0) {
      const folder = file.name.slice(0, slash);
      folders.set(folder, [...(folders.get(folder) ?? []), file]);
      continue;
    }
    const service = serviceFileOf(file);
    if (service === undefined) packages.push(await openFile(file));
    else serviceFiles.push(service);
  }
  for (const [folder, within] of folders) packages.push(openFolder(folder, within));
  return { packages, serviceFiles };
}

/** The services that such files ask for: an NSD without a service file is asked for under its own id. */
export function servicesAskedFor({ packages, serviceFiles }: DroppedFiles): readonly ServiceFile[] {
  if (serviceFiles.length === 0) {
    return packages
      .filter((each) => each.kind === 'nsd')
      .map((nsd) => ({ name: nsdIdOf(nsd, nsd.label), nsd: nsdIdOf(nsd, nsd.label) }));
  }
  return serviceFiles.flatMap(({ service }) => service ?? []);
}

function serviceFileOf({ name, bytes }: DroppedFile): ReadServiceFile | undefined {
  if (!/\.ya?ml$/i.test(name) || bytes.length > MOST_SERVICE_FILE_BYTES) return undefined;
  const read = readServiceFile(new TextDecoder().decode(bytes), name);
  const service = read?.service;
  if (service === undefined || !('nsd' in service) || typeof service.nsd === 'string') return read;
  const { file } = service.nsd;
  // Nothing lies beside a file that was dropped, and no other file of this machine is read for it.
  return {
    service: undefined,
    source: { file: name, text: read?.source.text ?? '' },
    problems: [
      {
        line: lineOf(read?.source.text ?? '', /^\s+nsd\s*:/),
        column: 1,
        path: 'service.nsd',
        message: `the file ${file} cannot be looked up from here`,
        mend: 'name the NSD by its id, and drop its package too',
      },
    ],
  };
}

function lineOf(text: string, what: RegExp): number {
  return (
    Math.max(
      0,
      text.split('\n').findIndex((line) => what.test(line)),
    ) + 1
  );
}

async function openFile({ name, bytes }: DroppedFile): Promise<OpenedPackage> {
  const read = await readSourceBytes(bytes, name);
  return read.ok ? openSource(read.value, name) : openRefused(name, read.refusal);
}

function openFolder(folder: string, within: readonly DroppedFile[]): OpenedPackage {
  const files = new Map<string, Uint8Array>();
  for (const { name, bytes } of within) {
    const path = safePath(name.slice(folder.length + 1));
    if (!path.ok) return openRefused(folder, path.refusal);
    files.set(path.value, bytes);
  }
  return openSource({ origin: 'folder', files, root: '' }, folder);
}
