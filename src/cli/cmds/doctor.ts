import type { Command } from 'commander';
import { cleanUp, doctor } from '../../runtime/doctor.ts';
import { example } from '../example.ts';
import { note, outputFormat, printListing } from '../printer.ts';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('what this machine has, what that means, and how to mend what is missing')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .option('--clean', 'first remove what killed runs have left of their networks (root)')
    .addHelpText('after', example('muster doctor -o json', 'muster doctor --clean'))
    .action(async (flags: { output: string; clean?: boolean }) => {
      const format = outputFormat(flags.output);
      if (flags.clean === true) {
        const gone = await cleanUp();
        note(gone.length === 0 ? 'nothing was left to remove' : `removed ${gone.join(', ')}`);
      }
      const rows = (await doctor()).map((each) => ({ ...each }));
      printListing({ rows, columns: ['name', 'available', 'detail', 'mend'] }, format);
    });
}
