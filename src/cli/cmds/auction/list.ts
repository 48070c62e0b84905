import type { Command } from 'commander';
import { auctionRecords } from '../../../core/explain/auction-records.ts';
import { journalIndex } from '../../../core/explain/journal-index.ts';
import { example } from '../../example.ts';
import { openJournal } from '../../journal-source.ts';
import { outputFormat, printListing } from '../../printer.ts';

export function addList(parent: Command): void {
  parent
    .command('list')
    .description('auctions of what is up, or of a recorded run')
    .option('--run <dir>', 'the run (default: what is up here, or the last one)')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster auction list --run runs/demo'))
    .action(async (flags: { run?: string; output: string }) => {
      const format = outputFormat(flags.output);
      const { journal } = await openJournal(flags.run);
      const rows = auctionRecords(journalIndex(journal)).map(({ bids, participants, ...each }) => ({
        ...each,
        asked: participants.length,
        bids: bids.filter((bid) => bid.price !== null).length,
      }));
      printListing(
        { rows, columns: ['auction', 'openedMs', 'goal', 'auctioneer', 'asked', 'bids', 'status', 'winner'] },
        format,
      );
    });
}
