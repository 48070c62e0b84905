import type { Command } from 'commander';
import { renderWhyNot, whyNot } from '../../runtime/why/why-not.ts';
import { example } from '../example.ts';
import { formatListing, out, outputFormat } from '../printer.ts';
import { openNamedRun } from '../run-dir.ts';

export function addWhyNot(program: Command): void {
  program
    .command('why-not')
    .argument('<words...>', 'an address, an agent, a goal, a plan, an auction')
    .description('what was considered and not done, with the numbers')
    .option('--run <dir>', 'the run (default: the last one)')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster why-not 10.77.1.9', 'muster why-not a6 functionPlaced'))
    .action(async (words: string[], flags: { run?: string; output: string }) => {
      const format = outputFormat(flags.output);
      const run = await openNamedRun(flags.run);
      const found = whyNot(run.journal, ...words);
      if (format === 'table') out(`${renderWhyNot(found, ...words).join('\n')}\n`);
      else {
        const rows = found.map((each) => ({ ...each }));
        out(formatListing({ rows, columns: ['id', 'agent', 'sentence'] }, format));
      }
    });
}
