import type { Command } from 'commander';
import { z } from 'zod';
import { BlockSchema } from '../../../protocol/operator-block.ts';
import { askUp } from '../../ask-up.ts';
import { example } from '../../example.ts';
import { out, outputFormat, printListing } from '../../printer.ts';
import { runningUp } from '../../running-up.ts';
import { wholeNumber } from '../../whole-number.ts';

const USUAL_SECONDS = 300;
const DoneSchema = z.looseObject({ links: z.array(z.string()) });

/** `block add`, `list` and `remove`: an operator's own word, past all bargaining. */
export function addBlocks(parent: Command): void {
  parent
    .command('add')
    .argument('<address>')
    .requiredOption('--reason <text>', 'why, in a few words: it stands in the journal, with your name')
    .option('--seconds <n>', 'until it ends by itself', String(USUAL_SECONDS))
    .description('drop everything from an address on every guarded link')
    .addHelpText('after', example("muster block add 10.1.0.7 --seconds 60 --reason 'abuse desk'"))
    .action(async (source: string, { reason, seconds: text }: { reason: string; seconds: string }) => {
      const seconds = wholeNumber('seconds', text);
      const body = { source, seconds, reason };
      const { links } = DoneSchema.parse(await askUp(runningUp(), 'POST', '/v1/blocks', { body }));
      out(`${source} is blocked for ${seconds} s on ${links.join(', ')}\n`);
    });
  parent
    .command('list')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .description('addresses that are dropped now, where, and by whom')
    .addHelpText('after', example('muster block list -o json'))
    .action(async ({ output }: { output: string }) => {
      const rows = z.array(BlockSchema).parse(await askUp(runningUp(), 'GET', '/v1/blocks'));
      const columns = ['source', 'link', 'owner', 'endsInSeconds'];
      printListing({ rows, columns }, outputFormat(output));
    });
  parent
    .command('remove')
    .argument('<address>')
    .description('end the block of an address that an operator has set; those of agents are theirs')
    .addHelpText('after', example('muster block remove 10.1.0.7'))
    .action(async (source: string) => {
      await askUp(runningUp(), 'DELETE', `/v1/blocks/${encodeURIComponent(source)}`);
      out(`${source} is not blocked any more\n`);
    });
}
