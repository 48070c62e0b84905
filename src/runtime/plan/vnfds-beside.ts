import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { SiteConfig } from '../../protocol/site-config.ts';
import { type OpenedPackage, openPackage } from '../packages/examine-package.ts';

/** Entries of a folder that are looked at, and files of a package that is a folder: this is a courtesy, not a search. */
const MOST_ENTRIES = 300;
const MOST_FILES = 100;
const MOST_BYTES = 4_000_000;

/**
 * VNFDs that are lacking, out of the folders in which the given files lie, and of those above: a package that is a folder has its
 * neighbours there. What cannot be read there is passed over.
 */
export async function vnfdsBeside(
  paths: readonly string[],
  lacking: ReadonlySet<string>,
  site: SiteConfig,
): Promise<readonly OpenedPackage[]> {
  const left = new Set(lacking);
  const found: OpenedPackage[] = [];
  const given = new Set(paths.map((path) => resolve(path)));
  const near = paths.map((path) => dirname(resolve(path)));
  for (const folder of new Set([...near, ...near.map((each) => dirname(each))])) {
    for (const path of left.size === 0 ? [] : await packagesIn(folder)) {
      if (given.has(path) || left.size === 0) continue;
      const opened = await openPackage(path).catch(() => undefined);
      const { descriptor } = opened?.judge(() => undefined, site) ?? {};
      if (opened === undefined || descriptor?.kind !== 'vnfd' || !left.delete(descriptor.id)) continue;
      found.push(opened);
    }
  }
  return found;
}

/** What looks like a package, in order of its name. */
async function packagesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const likely: string[] = [];
  for (const name of names.sort().slice(0, MOST_ENTRIES)) {
    const path = join(folder, name);
    if (!name.startsWith('.') && (await looksRight(path, name))) likely.push(path);
  }
  return likely;
}

async function looksRight(path: string, name: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true) return /\.(ya?ml|tar|tar\.gz|tgz)$/i.test(name) && found.size <= MOST_BYTES;
  if (found?.isDirectory() !== true) return false;
  const inside = await readdir(path).catch(() => []);
  return inside.length <= MOST_FILES && inside.some((each) => /\.ya?ml$/i.test(each));
}
