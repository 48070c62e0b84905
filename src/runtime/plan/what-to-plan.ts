import { readBounded } from '../../adapters/package-source/read-folder.ts';
import type { Store } from '../../ports/store.ts';
import { type ServiceGraph, ServiceGraphSchema } from '../../protocol/service-graph.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import { loadService } from './load-service.ts';
import { readYamlFile } from './read-yaml-file.ts';

const MAX_BYTES = 4_000_000;

export interface ToPlan {
  readonly graph: ServiceGraph;
  /** VNFDs that were found beside the files that were named. */
  readonly found: readonly string[];
}

/**
 * What `muster plan` is asked about: a file of units and links, or a service by its packages and service file.
 * @throws BAD_FILE, and what `loadService` does.
 */
export async function whatToPlan(
  paths: readonly string[],
  openStore: () => Promise<Store>,
  site: () => Promise<SiteConfig>,
): Promise<ToPlan> {
  const [path = ''] = paths;
  if (paths.length === 1 && (await isGraph(path))) {
    const hint = 'a service has `service`, `units` and `links`; an NSD and a service file are taken as well';
    return { graph: await readYamlFile(path, ServiceGraphSchema, hint), found: [] };
  }
  return loadService(paths, await openStore(), await site());
}

/** Told by the keys that stand at its left edge. What is neither package nor service file says itself what is wrong with it. */
async function isGraph(path: string): Promise<boolean> {
  if (!/\.(ya?ml|json)$/i.test(path)) return false;
  const bytes = await readBounded(path, MAX_BYTES).catch(() => undefined);
  if (bytes === undefined) return true;
  const text = new TextDecoder().decode(bytes);
  const isPackage = /^[\s{]{0,4}["']?(etsi-nfv-)?(nsd|vnfd|nst|service)\b/m.test(text);
  return /^[\s{]{0,4}["']?units["']?\s*:/m.test(text) || !isPackage;
}
