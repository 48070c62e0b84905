import type { Command } from 'commander';
import type { AuctionRecord } from '../../../core/explain/auction-records.ts';
import { auctionRecord, auctionRecords } from '../../../core/explain/auction-records.ts';
import { journalIndex } from '../../../core/explain/journal-index.ts';
import { MusterError } from '../../../protocol/errors.ts';
import { example } from '../../example.ts';
import { openJournal } from '../../journal-source.ts';
import { knownName } from '../../known-name.ts';
import { outputFormat, printThing, table } from '../../printer.ts';

export function addDescribe(parent: Command): void {
  parent
    .command('describe')
    .argument('<auction>', 'conversation-id, as `auction list` shows it')
    .description('one auction: every bid split into its parts, refusals with their reason, who won and why')
    .option('--run <dir>', 'the run (default: what is up here, or the last one)')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster auction describe a1.4'))
    .action(async (name: string, flags: { run?: string; output: string }) => {
      const format = outputFormat(flags.output);
      const { journal } = await openJournal(flags.run);
      const index = journalIndex(journal);
      const auctions = auctionRecords(index).map((each) => each.auction);
      const record = auctionRecord(index, knownName(name, auctions, 'auction', 'bin/muster auction list'));
      if (record === undefined) {
        throw new MusterError('NOT_FOUND', `the run has no auction ${name}`, {
          hint: 'bin/muster auction list',
        });
      }
      printThing({ ...record }, words(record), format);
    });
}

function words(record: AuctionRecord): string[] {
  const rows = record.bids.map(({ bidder, outcome, price, parts, reason }) => ({
    bidder,
    outcome,
    price: price === null ? null : price.toFixed(4),
    parts: parts.map((each) => `${each.name} ${each.value.toFixed(3)}`).join(' + '),
    reason,
  }));
  return [
    `${record.auction}: ${record.goal}, opened by ${record.auctioneer} at ${record.openedMs} ms: ${record.status}`,
    record.winner === null ? 'Nobody won.' : `Won by ${record.winner}: ${record.reason}`,
    '',
    table(rows, ['bidder', 'outcome', 'price', 'parts', 'reason']).trimEnd(),
  ];
}
