import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { readLedgerLines } from '../../../runtime/ledger/open-ledger.ts';
import { example } from '../../example.ts';
import { knownName } from '../../known-name.ts';
import { outputFormat, printThing } from '../../printer.ts';
import { appraisalOf } from './appraisal-of.ts';
import type { LedgerFlags } from './ledger-flags.ts';
import { ledgerOf, withLedgerFlags } from './ledger-flags.ts';

export function addDescribe(parent: Command): void {
  withLedgerFlags(parent.command('describe'))
    .argument('<entry>', 'block and log index, as `ledger list` shows them')
    .description('one entry of the ledger with all that it carries')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster ledger describe 12.0 --pipeline pipeline.json'))
    .action(async (id: string, flags: LedgerFlags & { output: string }) => {
      const format = outputFormat(flags.output);
      const { url, pipeline } = await ledgerOf(flags);
      const lines = await readLedgerLines(url, pipeline);
      const ids = lines.map((each) => each.id);
      // 12.1 is not short for 12.10.
      const name = ids.includes(id) ? id : knownName(id, ids, 'entry', 'bin/muster ledger list');
      const line = lines.find((each) => each.id === name);
      if (line === undefined) throw new MusterError('NOT_FOUND', `the ledger has no entry ${id}`);
      const { details, ...rest } = line;
      const appraisal = await appraisalOf(line, flags);
      const words = [
        line.sentence,
        ...(appraisal === undefined ? [] : [`appraisal: ${text(appraisal.sentence)}`]),
        `${line.event} at ${line.time}, sent by ${line.from}`,
        `transaction ${line.transaction}`,
        `block ${line.block}`,
        ...Object.entries(details).map(([key, value]) => `  ${key}: ${text(value)}`),
      ];
      const found = appraisal === undefined ? {} : { appraisal: appraisal.text };
      printThing({ ...rest, details, ...found }, words, format);
    });
}

/** Reasons and names come from others: nothing that a terminal would act upon. */
function text(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\p{Cc}/gu, ' ');
}
