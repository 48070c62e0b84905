import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReferenceStore } from '../registry/reference-store.ts';
import type { AgentImage } from './agent-image.ts';
import { ownImage } from './agent-image.ts';
import type { Programs } from './build-programs.ts';
import { buildPrograms } from './build-programs.ts';
import { checkNative } from './native-program.ts';
import { openStore } from './open-store.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import type { Platforms } from './platforms.ts';
import { readPlatforms } from './platforms.ts';
import type { SiteNetwork } from './site-network.ts';
import { localSockets } from './site-network.ts';

/** What its ledger needs: everything else waits for that. */
export interface Groundwork {
  /** The supervisor's alone. */
  readonly hidden: string;
  readonly programs: Programs;
}

/** What a pipeline is made of, before its sites and agents run. */
export interface Materials extends Groundwork {
  readonly image: AgentImage;
  readonly store: ReferenceStore;
  readonly platforms: Platforms;
  /** What joins the daemons of its sites. */
  readonly network: SiteNetwork;
}

/** Builds the programs, where none are given. */
export async function layGroundwork({
  dir,
  programs,
}: Pick<PipelineOptions, 'dir' | 'programs'>): Promise<Groundwork> {
  await chmod(dir, 0o711);
  const hidden = join(dir, 'private');
  await mkdir(hidden, { recursive: true, mode: 0o700 });
  return {
    hidden,
    programs:
      programs ?? (await buildPrograms(fileURLToPath(new URL('../../../build/programs', import.meta.url)))),
  };
}

/** Builds, checks and opens all the rest. Throws MusterError for what cannot be used. */
export async function gatherMaterials(
  groundwork: Groundwork,
  { image, native, evidence, openNetwork }: PipelineOptions,
  sites: readonly string[],
): Promise<Materials> {
  const { hidden } = groundwork;
  const opening =
    openNetwork?.(sites, hidden) ?? Promise.resolve(localSockets(hidden, 'nothing else is asked for'));
  try {
    const [network, wrapped, store] = await Promise.all([
      opening,
      image ?? ownImage(hidden),
      openStore(hidden),
    ]);
    for (const each of native?.values() ?? []) checkNative(each, wrapped.operatorKey);
    const platforms = await readPlatforms(sites, evidence);
    return { ...groundwork, image: wrapped, store, platforms, network };
  } catch (error) {
    await opening.then(
      (network) => network.close(),
      () => {},
    );
    throw error;
  }
}
