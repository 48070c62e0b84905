import type { Command } from 'commander';
import { journalIndex } from '../../core/explain/journal-index.ts';
import { namedEntry } from '../../core/explain/named-entry.ts';
import { renderWhy } from '../../core/explain/render-why.ts';
import { whyChain } from '../../core/explain/why-chain.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import { example } from '../example.ts';
import type { JournalSource } from '../journal-source.ts';
import { openJournal } from '../journal-source.ts';
import { knownName } from '../known-name.ts';
import { outputFormat, printThing } from '../printer.ts';

export function addWhy(program: Command): void {
  program
    .command('why')
    .argument(
      '[id]',
      'of an action, or of anything else in the journal; an address or a link that something was done to; of what is up also an operation, a service, or SERVICE/UNIT (default: the last thing that was done)',
    )
    .description(
      'why something was done: back through plans, auctions with their bids, and beliefs to what was measured',
    )
    .option('--run <dir>', 'the run (default: what is up here, or the last one)')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText(
      'after',
      `${example('muster why', 'muster why a1:55 -o json')}
Of services that are up, here one named shop:
  muster why shop
  muster why shop/web/vm/0
`,
    )
    .action(async (typed: string | undefined, flags: { run?: string; output: string }) => {
      const format = outputFormat(flags.output);
      const source = await openJournal(flags.run);
      const index = journalIndex(source.journal);
      const ids = source.journal.map((entry) => entry.id);
      const actions = actionsOf(source);
      const id = typed ?? lastOperation(source) ?? lastDone(actions);
      // Anything that ends an id is complete: a3:12 is not short for a3:120.
      const name = ids.includes(id)
        ? id
        : (namedEntry(source.journal, id) ?? knownName(id, ids, 'entry', askInstead(actions)));
      const chain = whyChain(index, name);
      printThing({ ...chain }, renderWhy(chain), format);
    });
}

interface Done {
  readonly id: string;
  readonly kind: string;
}

/** What agents have had done, in order. */
function actionsOf(source: JournalSource): readonly Done[] {
  if (source.kind === 'run') return source.run.report.actions;
  const told = (each: JournalEntry) =>
    each.kind === 'action' && each.agent === 'muster' && each.status === 'done' && !ASIDE.has(each.action)
      ? [{ id: each.id, kind: each.action }]
      : [];
  return source.journal.flatMap(told);
}

/** Where services run: the last thing that was done to one. */
function lastOperation({ journal }: JournalSource): string | undefined {
  return journal.findLast(({ kind }) => kind === 'operation')?.id;
}

/** Nothing that one would ask about. */
const ASIDE = new Set(['measure', 'watch', 'unwatch', 'confirm-sources']);

/** The last block, or else the last thing done at all. */
function lastDone(actions: readonly Done[]): string {
  const last = actions.findLast(({ kind }) => kind === 'block-source') ?? actions.at(-1);
  if (last !== undefined) return last.id;
  throw new MusterError('NOT_FOUND', 'nothing was done in this run that could be explained', {
    hint: 'bin/muster auction list, then bin/muster why <id> of anything in the journal',
  });
}

/** What to ask about instead: the first actions. */
function askInstead(actions: readonly Done[]): string {
  const ids = actions.slice(0, 3).map((action) => action.id);
  return ids.length === 0 ? 'bin/muster auction list' : `bin/muster why ${ids.join(', or ')}`;
}
