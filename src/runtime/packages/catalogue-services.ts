import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CatalogueService } from '../../protocol/catalogue-service.ts';
import { NO_SITE_CONFIG } from '../../protocol/site-config.ts';
import { openPackage } from './examine-package.ts';
import { judgePackages, type PackageResult } from './judge-packages.ts';

const SHIPPED = fileURLToPath(new URL('../../../catalogue/', import.meta.url));
const utf8 = new TextDecoder();

/** The services that come with Muster, by their ids, each with the packages that it needs. */
export async function catalogueServices(): Promise<readonly CatalogueService[]> {
  const folders = (await readdir(SHIPPED)).sort();
  const opened = await Promise.all(folders.map((folder) => openPackage(join(SHIPPED, folder))));
  const results = judgePackages(opened, new Map(), NO_SITE_CONFIG);
  const filesOf = ({ opened: { files } }: PackageResult, folder: string) =>
    [...files].map(([path, bytes]) => ({ name: `${folder}/${path}`, text: utf8.decode(bytes) }));
  return results.flatMap(({ descriptor }) => {
    if (descriptor?.kind !== 'nsd') return [];
    const { id, description, vnfdIds } = descriptor;
    const needed = (each: PackageResult): boolean =>
      each.descriptor === descriptor || vnfdIds.includes(each.descriptor?.id ?? '');
    const files = results.flatMap((each, at) => (needed(each) ? filesOf(each, folders[at] ?? '') : []));
    return [{ id, about: description, files }];
  });
}
