import type { Command } from 'commander';
import { findScenario, shippedScenarios } from '../../../runtime/scenario/find-scenario.ts';
import { example } from '../../example.ts';
import { outputFormat, printListing } from '../../printer.ts';

export function addList(parent: Command): void {
  parent
    .command('list')
    .description('scenarios that come with Muster')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster scenario list -o wide'))
    .action(async (flags: { output: string }) => {
      const format = outputFormat(flags.output);
      const rows = await Promise.all(
        shippedScenarios().map(async (name) => {
          const { title, durationMs, users, attacks } = await findScenario(name);
          return {
            name,
            seconds: durationMs / 1000,
            users: users.reduce((sum, each) => sum + each.count, 0),
            attackers: attacks.reduce((sum, each) => sum + each.ratesPps.length, 0),
            title,
          };
        }),
      );
      printListing({ rows, columns: ['name', 'seconds', 'users', 'attackers', 'title'] }, format);
    });
}
