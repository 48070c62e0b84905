import type { Command } from 'commander';
import { openPackageStore } from '../../../runtime/packages/open-package-store.ts';
import { storedPackages } from '../../../runtime/packages/stored-packages.ts';
import { example } from '../../example.ts';
import { outputFormat, printListing } from '../../printer.ts';

export function addList(parent: Command): void {
  parent
    .command('list')
    .description('packages that are onboarded, and whether they are in use')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster package list -o wide'))
    .action(async (flags: { output: string }) => {
      const format = outputFormat(flags.output);
      const all = await storedPackages(await (await openPackageStore()).view());
      const rows = all.map(({ record, usage, usedBy, neededBy }) => ({
        id: record.id,
        kind: record.kind,
        name: record.name,
        version: record.version,
        revision: record.revision,
        usage,
        usedBy,
        neededBy,
        needs: record.needs,
        files: record.files.length,
        bytes: record.files.reduce((sum, { bytes }) => sum + bytes, 0),
        digest: record.digest,
        onboardedAt: new Date(record.onboardedAtMs).toISOString(),
        updatedAt: new Date(record.updatedAtMs).toISOString(),
      }));
      printListing({ rows, columns: ['id', 'kind', 'version', 'revision', 'usage', 'updatedAt'] }, format);
    });
}
