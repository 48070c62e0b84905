import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { WhatIfAppliedSchema, WhatIfRemedySchema } from '../../../protocol/what-if.ts';
import { askUp } from '../../ask-up.ts';
import { example } from '../../example.ts';
import { outputFormat, printThing } from '../../printer.ts';
import { runningUp } from '../../running-up.ts';

const WITHIN_MS = 30_000;

interface Flags {
  readonly yes?: boolean;
  readonly output: string;
}

/** `what-if delete` and `what-if apply`. */
export function addSettling(parent: Command): void {
  settling(parent, 'delete', 'throw it away, with both of its runs')
    .addHelpText('after', example('muster what-if delete what-if-1'))
    .action(async (id: string, { output }: Flags) => {
      const format = outputFormat(output);
      await askUp(runningUp(), 'DELETE', `/v1/what-ifs/${encodeURIComponent(id)}`);
      printThing({ id, deleted: true }, [`${id} is gone`], format);
    });
  settling(parent, 'apply', 'prepare what is up for it, as far as that can be')
    .option('--yes', 'it is meant; otherwise it only tells what would be done')
    .addHelpText('after', example('muster what-if apply what-if-1', 'muster what-if apply what-if-1 --yes'))
    .action(async (id: string, { yes, output }: Flags) => {
      const format = outputFormat(output);
      const up = runningUp();
      const path = `/v1/what-ifs/${encodeURIComponent(id)}`;
      if (yes === true) {
        const answer = await askUp(up, 'POST', `${path}/apply`, { body: {}, withinMs: WITHIN_MS });
        const { applied } = WhatIfAppliedSchema.parse(answer);
        const lines = applied.map(
          ({ service, operation, change }) =>
            `${service}: ${change}${operation === null ? '' : ` (muster service operation describe ${operation})`}`,
        );
        printThing({ id, applied }, lines, format);
        return;
      }
      const remedy = WhatIfRemedySchema.parse(
        await askUp(up, 'GET', `${path}/remedy`, { withinMs: WITHIN_MS }),
      );
      printThing({ id, ...remedy }, remedy.says, format);
      if (!remedy.possible) throw new MusterError('UNSATISFIED', 'nothing of it can be applied');
    });
}

function settling(parent: Command, name: string, what: string): Command {
  return parent
    .command(name)
    .argument('<what-if>', 'its id')
    .description(what)
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table');
}
