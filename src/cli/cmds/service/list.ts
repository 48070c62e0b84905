import type { Command } from 'commander';
import { example } from '../../example.ts';
import { outputFormat, printListing } from '../../printer.ts';
import { serviceClient } from './service-in.ts';

export function addList(parent: Command): void {
  parent
    .command('list')
    .description('services, what runs of them, and what waits')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster service list -o wide'))
    .action(async (flags: { output: string }) => {
      const format = outputFormat(flags.output);
      const rows = (await serviceClient().list()).map((service) => ({
        name: service.name,
        state: service.state,
        nsd: service.nsdId,
        units: `${service.shape.units.filter(({ state }) => state === 'running').length}/${service.shape.units.length}`,
        sites: [...new Set(service.shape.units.flatMap(({ site }) => site ?? []))],
        operation: service.operation,
        notes: service.notes,
        id: service.id,
        flavour: service.flavour,
        onPartition: service.onPartition,
        createdAt: new Date(service.createdAtMs).toISOString(),
        updatedAt: new Date(service.updatedAtMs).toISOString(),
      }));
      printListing({ rows, columns: ['name', 'state', 'nsd', 'units', 'sites', 'operation'] }, format);
    });
}
