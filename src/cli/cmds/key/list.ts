import type { Command } from 'commander';
import { readKeyHolders } from '../../../runtime/ledger/open-ledger.ts';
import { example } from '../../example.ts';
import { outputFormat, printListing } from '../../printer.ts';
import type { LedgerFlags } from '../ledger/ledger-flags.ts';
import { ledgerOf, withLedgerFlags } from '../ledger/ledger-flags.ts';

export function addList(parent: Command): void {
  withLedgerFlags(
    parent
      .command('list')
      .description('who holds which epoch of the group key, and since when; never the key itself'),
  )
    .option('--epochs', 'the epochs instead: who opened each, for whom, and who was left out')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster key list', 'muster key list --epochs -o json'))
    .action(async (flags: LedgerFlags & { output: string; epochs?: boolean }) => {
      const format = outputFormat(flags.output);
      const { url, pipeline } = await ledgerOf(flags);
      const { holders, epochs } = await readKeyHolders(url, pipeline);
      if (flags.epochs === true) {
        const rows = epochs.map((each) => ({ ...each }));
        printListing({ rows, columns: ['epoch', 'opened', 'steward', 'members', 'left'] }, format);
      } else {
        const rows = holders.map((each) => ({ ...each }));
        printListing({ rows, columns: ['agent', 'epoch', 'since', 'key', 'status', 'incarnation'] }, format);
      }
    });
}
