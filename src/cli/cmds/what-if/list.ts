import type { Command } from 'commander';
import { z } from 'zod';
import { changeInWords } from '../../../core/explain/what-if-in-words.ts';
import { WhatIfViewSchema } from '../../../protocol/what-if.ts';
import { askUp } from '../../ask-up.ts';
import { example } from '../../example.ts';
import { outputFormat, printListing, printThing } from '../../printer.ts';
import { runningUp } from '../../running-up.ts';
import { whatIfInWords } from './in-words.ts';

/** `what-if list` and `what-if describe`. */
export function addLooks(parent: Command): void {
  parent
    .command('list')
    .description('what-ifs that were asked here, the newest first')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster what-if list'))
    .action(async ({ output }: { readonly output: string }) => {
      const format = outputFormat(output);
      const all = z.array(WhatIfViewSchema).parse(await askUp(runningUp(), 'GET', '/v1/what-ifs'));
      const rows = all.map(({ id, state, by, atMs, order, note }) => ({
        id,
        question: changeInWords(order.change),
        state,
        by,
        seconds: order.seconds,
        seed: order.seed,
        at: new Date(atMs).toISOString(),
        note,
      }));
      printListing({ rows, columns: ['id', 'question', 'state', 'by', 'at'] }, format);
    });
  parent
    .command('describe')
    .argument('<what-if>', 'its id')
    .description('what came of it, beside what came of no change')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster what-if describe what-if-1'))
    .action(async (id: string, { output }: { readonly output: string }) => {
      const format = outputFormat(output);
      const path = `/v1/what-ifs/${encodeURIComponent(id)}`;
      const view = WhatIfViewSchema.parse(await askUp(runningUp(), 'GET', path));
      printThing({ ...view }, whatIfInWords(view), format);
    });
}
