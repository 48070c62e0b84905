import type { Command } from 'commander';
import { readLedgerLines } from '../../../runtime/ledger/open-ledger.ts';
import { example } from '../../example.ts';
import { outputFormat, printListing } from '../../printer.ts';
import type { LedgerFlags } from './ledger-flags.ts';
import { ledgerOf, withLedgerFlags } from './ledger-flags.ts';

export function addList(parent: Command): void {
  withLedgerFlags(parent.command('list').description('what stands in the ledger of a pipeline, in sentences'))
    .option('--agent <name>', 'only what is about this agent')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster ledger list --url http://127.0.0.1:8545 --pipeline pipeline.json'))
    .action(async (flags: LedgerFlags & { output: string; agent?: string }) => {
      const format = outputFormat(flags.output);
      const { url, pipeline } = await ledgerOf(flags);
      const lines = await readLedgerLines(url, pipeline);
      const rows = lines
        .filter((each) => flags.agent === undefined || each.agent === flags.agent)
        .map((each) => ({ ...each }));
      printListing({ rows, columns: ['id', 'time', 'sentence'] }, format);
    });
}
