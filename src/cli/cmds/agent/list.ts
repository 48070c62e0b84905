import type { Command } from 'commander';
import { z } from 'zod';
import { readUpFile } from '../../../runtime/up/up-file.ts';
import { askUp } from '../../ask-up.ts';
import { example } from '../../example.ts';
import { outputFormat, printListing } from '../../printer.ts';
import { openNamedRun } from '../../run-dir.ts';

const AgentsSchema = z.array(z.looseObject({ name: z.string() }));

export function addList(parent: Command): void {
  parent
    .command('list')
    .description('agents of what is up, or of a recorded run: their roles and messages')
    .option('--run <dir>', 'the run (default: what is up here, or the last one)')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster agent list -o json'))
    .action(async (flags: { run?: string; output: string }) => {
      const format = outputFormat(flags.output);
      const up = flags.run === undefined ? readUpFile() : undefined;
      if (up !== undefined) {
        const rows = AgentsSchema.parse(await askUp(up, 'GET', '/v1/agents'));
        const columns = [
          'name',
          'site',
          'host',
          'status',
          'incarnation',
          'version',
          'roles',
          'sent',
          'received',
        ];
        printListing({ rows, columns }, format);
        return;
      }
      const { report } = await openNamedRun(flags.run);
      printListing({ rows: report.agents, columns: ['agent', 'roles', 'sent', 'received'] }, format);
    });
}
