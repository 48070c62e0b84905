import type { Command } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import type { Run } from '../../runtime/open-run.ts';
import { journalIndex } from '../../runtime/why/journal-index.ts';
import { renderWhy } from '../../runtime/why/render-why.ts';
import { whyChain } from '../../runtime/why/why-chain.ts';
import { example } from '../example.ts';
import { knownName } from '../known-name.ts';
import { outputFormat, printThing } from '../printer.ts';
import { openNamedRun } from '../run-dir.ts';

export function addWhy(program: Command): void {
  program
    .command('why')
    .argument(
      '[id]',
      'of an action, or of anything else in the journal (default: the last thing that was done)',
    )
    .description(
      'why something was done: back through plans, auctions with their bids, and beliefs to what was measured',
    )
    .option('--run <dir>', 'the run (default: the last one)')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster why', 'muster why a1:55 -o json'))
    .action(async (typed: string | undefined, flags: { run?: string; output: string }) => {
      const format = outputFormat(flags.output);
      const run = await openNamedRun(flags.run);
      const index = journalIndex(run.journal);
      const ids = run.journal.map((entry) => entry.id);
      const id = typed ?? lastDone(run);
      // Anything that ends an id is complete: a3:12 is not short for a3:120.
      const name = ids.includes(id) ? id : knownName(id, ids, 'entry', actionsOf(run));
      const chain = whyChain(index, name);
      printThing({ ...chain }, renderWhy(chain), format);
    });
}

/** The last block, or else the last thing done at all. */
function lastDone({ report }: Run): string {
  const last = report.actions.findLast(({ kind }) => kind === 'block-source') ?? report.actions.at(-1);
  if (last !== undefined) return last.id;
  throw new MusterError('NOT_FOUND', 'nothing was done in this run that could be explained', {
    hint: 'bin/muster auction list, then bin/muster why <id> of anything in the journal',
  });
}

/** What to ask about instead: the first actions of the run. */
function actionsOf(run: Run): string {
  const ids = run.report.actions.slice(0, 3).map((action) => action.id);
  return ids.length === 0 ? 'bin/muster auction list' : `bin/muster why ${ids.join(', or ')}`;
}
