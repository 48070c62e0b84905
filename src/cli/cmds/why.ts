import type { Command } from 'commander';
import { journalIndex } from '../../runtime/why/journal-index.ts';
import { renderWhy } from '../../runtime/why/render-why.ts';
import { whyChain } from '../../runtime/why/why-chain.ts';
import { out } from '../printer.ts';
import { openNamedRun } from '../run-dir.ts';

export function addWhy(program: Command): void {
  program
    .command('why')
    .argument('<id>', 'of an action, or of anything else in the journal')
    .description(
      'why something was done: back through plans, auctions with their bids, and beliefs to what was measured',
    )
    .option('--run <dir>', 'the run (default: the last one)')
    .action(async (id: string, flags: { run?: string }) => {
      const run = await openNamedRun(flags.run);
      out(`${renderWhy(whyChain(journalIndex(run.journal), id)).join('\n')}\n`);
    });
}
