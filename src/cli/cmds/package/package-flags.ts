import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { SiteConfig } from '../../../protocol/site-config.ts';
import { musterHome } from '../../../runtime/up/up-file.ts';

export interface SiteFlags {
  readonly imageMap?: string;
}

export function withSiteFlags(command: Command): Command {
  return command.addOption(
    new Option(
      '--image-map <file>',
      'what stands for images here, and which webhooks are allowed (default: site.yaml in MUSTER_HOME, if it is there)',
    ),
  );
}

/** The configuration that the flags name, or the one of this machine. */
export async function siteOf({ imageMap }: SiteFlags): Promise<SiteConfig> {
  const usual = join(musterHome(), 'site.yaml');
  // Loaded when it is needed: help does without.
  const { loadSiteConfig } = await import('../../../runtime/packages/load-site-config.ts');
  return loadSiteConfig(imageMap ?? (existsSync(usual) ? usual : undefined));
}
