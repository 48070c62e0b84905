import type { Command } from 'commander';
import { openPackage } from '../../../runtime/packages/examine-package.ts';
import { validatePackages } from '../../../runtime/packages/onboard-packages.ts';
import { openPackageStore } from '../../../runtime/packages/open-package-store.ts';
import { example } from '../../example.ts';
import { outputFormat } from '../../printer.ts';
import { type SiteFlags, siteOf, withSiteFlags } from './package-flags.ts';
import { printResults } from './package-results.ts';

export function addValidate(parent: Command): void {
  withSiteFlags(
    parent
      .command('validate')
      .argument('<path...>', 'packages in any order: .tar.gz, folder, or a descriptor alone')
      .description(
        'everything that is wrong with packages (ETSI SOL006, as OSM has them), at once; changes nothing',
      ),
  )
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText(
      'after',
      example(
        'muster package validate hackfest_vnfd.yaml hackfest_nsd.yaml',
        'muster package validate my_vnf.tar.gz -o json',
      ),
    )
    .action(async (paths: readonly string[], flags: SiteFlags & { output: string }) => {
      const format = outputFormat(flags.output);
      const site = await siteOf(flags);
      const opened = await Promise.all(paths.map(openPackage));
      const results = await validatePackages(await openPackageStore(), opened, site);
      printResults(
        results.map((result) => ({ ...result, outcome: result.status === 200 ? 'accepted' : 'refused' })),
        format,
      );
    });
}
