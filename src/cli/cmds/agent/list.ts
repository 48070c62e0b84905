import type { Command } from 'commander';
import { example } from '../../example.ts';
import { outputFormat, printListing } from '../../printer.ts';
import { openNamedRun } from '../../run-dir.ts';

export function addList(parent: Command): void {
  parent
    .command('list')
    .description('agents of a recorded run, their roles and messages')
    .option('--run <dir>', 'the run (default: the last one)')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster agent list -o json'))
    .action(async (flags: { run?: string; output: string }) => {
      const format = outputFormat(flags.output);
      const { report } = await openNamedRun(flags.run);
      printListing({ rows: report.agents, columns: ['agent', 'roles', 'sent', 'received'] }, format);
    });
}
