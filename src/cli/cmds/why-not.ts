import type { Command } from 'commander';
import { unknownWord } from '../../core/explain/known-words.ts';
import { serviceIds } from '../../core/explain/named-entry.ts';
import { renderWhyNot, whyNot } from '../../core/explain/why-not.ts';
import { MusterError } from '../../protocol/errors.ts';
import { example } from '../example.ts';
import { openJournal } from '../journal-source.ts';
import { formatListing, out, outputFormat } from '../printer.ts';

export function addWhyNot(program: Command): void {
  program
    .command('why-not')
    .argument('<words...>', 'an address, an agent, a goal, a plan, an auction, a service, a site')
    .description('what was considered and not done, with the numbers')
    .option('--run <dir>', 'the run (default: what is up here, or the last one)')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster why-not functionPlaced', 'muster why-not a6 functionPlaced'))
    .action(async (words: string[], flags: { run?: string; output: string }) => {
      const format = outputFormat(flags.output);
      const source = await openJournal(flags.run);
      const { journal } = source;
      const ids = serviceIds(journal);
      const asked = words.map((word) => ids.get(word) ?? word);
      const found = whyNot(journal, ...asked);
      const scenario = source.kind === 'run' ? source.run.scenario : {};
      const unknown = found.length > 0 ? undefined : unknownWord(journal, scenario, asked);
      if (unknown !== undefined) {
        const meant = unknown.near === undefined ? '' : `; did you mean ${unknown.near}?`;
        throw new MusterError('NOT_FOUND', `nothing in this run is called ${unknown.word}${meant}`, {
          hint: 'ask about an address, an agent, a goal, a plan or an auction, e.g. bin/muster why-not functionPlaced',
        });
      }
      if (format === 'table') out(`${renderWhyNot(found, ...words).join('\n')}\n`);
      else {
        const rows = found.map((each) => ({ ...each }));
        out(formatListing({ rows, columns: ['id', 'agent', 'sentence'] }, format));
      }
    });
}
