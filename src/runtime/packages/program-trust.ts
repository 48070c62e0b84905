import { type ProgramTrust, trustOfProgram } from '../../adapters/infrastructure-linux/signed-program.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';

/** What the signatures of the programs that stand for images are worth, by image. */
export async function programTrust(site: SiteConfig): Promise<ReadonlyMap<string, ProgramTrust>> {
  const all = new Map<string, ProgramTrust>();
  for (const [image, target] of Object.entries(site.images)) {
    if ('program' in target) all.set(image, await trustOfProgram(target.program, site.operatorKey));
  }
  return all;
}
