import type { Command } from 'commander';
import { openPackage } from '../../../runtime/packages/examine-package.ts';
import { onboardPackages } from '../../../runtime/packages/onboard-packages.ts';
import { openPackageStore } from '../../../runtime/packages/open-package-store.ts';
import { example } from '../../example.ts';
import { outputFormat } from '../../printer.ts';
import { type SiteFlags, siteOf, withSiteFlags } from './package-flags.ts';
import { printResults } from './package-results.ts';

export function addOnboard(parent: Command): void {
  withSiteFlags(
    parent
      .command('onboard')
      .argument('<path...>', 'packages in any order: .tar.gz, folder, or a descriptor alone')
      .description('check packages and keep them: all of them, or none'),
  )
    .option('--update', 'take the place of packages with the same id, as far as nothing breaks that runs')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText(
      'after',
      example(
        'muster package onboard hackfest_nsd.yaml hackfest_vnfd.yaml',
        'muster package onboard my_vnf --update',
      ),
    )
    .action(async (paths: readonly string[], flags: SiteFlags & { output: string; update?: boolean }) => {
      const format = outputFormat(flags.output);
      const site = await siteOf(flags);
      const opened = await Promise.all(paths.map(openPackage));
      const options = { site, update: flags.update === true, nowMs: Date.now() };
      printResults(await onboardPackages(await openPackageStore(), opened, options), format);
    });
}
