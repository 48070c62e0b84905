import type { Command } from 'commander';
import { renderWhyNot, whyNot } from '../../runtime/why/why-not.ts';
import { out } from '../printer.ts';
import { openNamedRun } from '../run-dir.ts';

export function addWhyNot(program: Command): void {
  program
    .command('why-not')
    .argument('<words...>', 'an address, an agent, a goal, a plan, an auction')
    .description('what was considered and not done, with the numbers')
    .option('--run <dir>', 'the run (default: the last one)')
    .action(async (words: string[], flags: { run?: string }) => {
      const run = await openNamedRun(flags.run);
      out(`${renderWhyNot(whyNot(run.journal, ...words), ...words).join('\n')}\n`);
    });
}
