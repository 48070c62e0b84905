import type { Command } from 'commander';
import { doctor } from '../../runtime/doctor.ts';
import { example } from '../example.ts';
import { outputFormat, printListing } from '../printer.ts';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('what this machine has, what that means, and how to mend what is missing')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster doctor -o json'))
    .action(async (flags: { output: string }) => {
      const format = outputFormat(flags.output);
      const rows = (await doctor()).map((each) => ({ ...each }));
      printListing({ rows, columns: ['name', 'available', 'detail', 'mend'] }, format);
    });
}
