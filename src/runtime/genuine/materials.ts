import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReferenceStore } from '../registry/reference-store.ts';
import type { AgentImage } from './agent-image.ts';
import { ownImage } from './agent-image.ts';
import type { Programs } from './build-programs.ts';
import { buildPrograms } from './build-programs.ts';
import type { ContractCode } from './contract-code.ts';
import { contractCode } from './contract-code.ts';
import { checkNative } from './native-program.ts';
import { openStore } from './open-store.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import type { Platforms } from './platforms.ts';
import { readPlatforms } from './platforms.ts';
import type { SiteNetwork } from './site-network.ts';
import { localSockets } from './site-network.ts';

/** What a pipeline is made of, before anything of it runs. */
export interface Materials {
  /** The supervisor's alone. */
  readonly hidden: string;
  readonly programs: Programs;
  readonly image: AgentImage;
  readonly store: ReferenceStore;
  readonly code: ContractCode;
  readonly platforms: Platforms;
  /** What joins the daemons of its sites. */
  readonly network: SiteNetwork;
}

/** Builds, checks and opens all that. Throws MusterError for what cannot be used. */
export async function gatherMaterials(
  { dir, programs, image, native, evidence, openNetwork }: PipelineOptions,
  sites: readonly string[],
): Promise<Materials> {
  await chmod(dir, 0o711);
  const hidden = join(dir, 'private');
  await mkdir(hidden, { recursive: true, mode: 0o700 });
  const opening =
    openNetwork?.(sites, hidden) ?? Promise.resolve(localSockets(hidden, 'nothing else is asked for'));
  try {
    const [network, built, wrapped, store, code] = await Promise.all([
      opening,
      programs ?? buildPrograms(join(import.meta.dirname, '../../../build/programs')),
      image ?? ownImage(hidden),
      openStore(hidden),
      contractCode(),
    ]);
    for (const each of native?.values() ?? []) checkNative(each, wrapped.operatorKey);
    const platforms = await readPlatforms(sites, evidence);
    return { hidden, programs: built, image: wrapped, store, code, platforms, network };
  } catch (error) {
    await opening.then(
      (network) => network.close(),
      () => {},
    );
    throw error;
  }
}
